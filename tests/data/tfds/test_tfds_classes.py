import numpy as np
import pytest
import tiny_tfds
from tiny_tfds import png
from toy_files import encoded, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import Entry, LabelMap
from deeplab_tf2.data.tfds.tfds_classes import Wishes, find_classes
from deeplab_tf2.data.tfds.tfds_features import find_layout
from deeplab_tf2.data.tfds.tfds_known import Known
from deeplab_tf2.data.tfds.tfds_source import Examples


def classes_of(folder, masks, known=None, named=(), features=tiny_tfds.PETS, **wishes):
    pairs = [tiny_tfds.example(number, mask, label=0) for number, mask in enumerate(masks)]
    builder = tiny_tfds.make(folder, "some", features, {"train": pairs})
    examples = Examples(builder, find_layout(builder.info.features))
    descriptor, reader = find_classes("tfds:some", Wishes(**wishes), known or Known(), named, examples)
    size = (20, 30)
    return descriptor, [reader.labels(f"train[{position}]", size) for position in range(len(masks))]


def test_values_that_nothing_explains_are_classes_of_their_own(tmp_path):
    descriptor, masks = classes_of(tmp_path, [png(1, 2), png(2, 7), png(1, 255)])
    assert descriptor.class_names == ("class_1", "class_2", "class_7")
    np.testing.assert_array_equal(masks[1], stripes(labels=(1, 2)))
    np.testing.assert_array_equal(masks[2], stripes(labels=(0, 255)))


@pytest.mark.parametrize("values", [(5,), (0, 255)])
def test_fewer_than_two_values_are_no_classes(tmp_path, values):
    with pytest.raises(InputError, match="hold 1 values.*--label_map .or --class_names, --binary_masks."):
        classes_of(tmp_path, [png(*values)])


def test_pictures_are_no_index_masks(tmp_path):
    photo = encoded(np.arange(600, dtype=np.uint8).reshape(20, 30), "JPEG")
    with pytest.raises(InputError, match=r"train\[0\]: the mask is a lossy file"):
        classes_of(tmp_path, [photo])
    with pytest.raises(InputError, match=r"train\[0\].*colour picture"):
        classes_of(tmp_path / "colours", [encoded(np.dstack([stripes()] * 3) + np.arange(3, dtype=np.uint8))])


def test_names_of_the_set_are_kept(tmp_path):
    descriptor, (mask,) = classes_of(tmp_path, [png(0, 1, 255)], named=("sky", "road"))
    assert (descriptor.class_names, descriptor.ignore_label) == (("sky", "road"), 255)
    np.testing.assert_array_equal(mask, stripes(labels=(0, 1, 255)))


def test_the_user_has_the_last_word(tmp_path):
    label_map = LabelMap("classes.json", (Entry("pet", (1, 3)), Entry("ground", (2,))))
    descriptor, (mask,) = classes_of(tmp_path, [png(1, 2, 3)], named=("a", "b"), label_map=label_map)
    assert descriptor.class_names == ("pet", "ground")
    np.testing.assert_array_equal(mask, stripes(labels=(0, 1, 0)))
    descriptor, (mask,) = classes_of(
        tmp_path / "again", [png(0, 255)], class_names=("ground", "pet"), binary=True, named=("a", "b")
    )
    np.testing.assert_array_equal(mask, stripes(labels=(0, 1)))


def test_black_and_white_sets_that_are_known_are_read_as_such(tmp_path):
    birds = Known(binary=("background", "bird"))
    descriptor, (mask,) = classes_of(tmp_path, [png(0, 51, 204, 255)], birds)
    assert descriptor.class_names == ("background", "bird")
    np.testing.assert_array_equal(mask, stripes(labels=(0, 0, 1, 1)))
