import json

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import FILE_NAME, Descriptor, Split, load_descriptor

COLORS = ((0, 0, 0), (128, 0, 0))
TRAIN = Split(8, 4, class_pixels=(750, 250), class_images=(8, 2), ignored_pixels=10, largest_image=(30, 40))


def test_a_descriptor_comes_back_as_it_was_saved(tmp_path):
    splits = {"train": TRAIN, "test": Split(2, 1, labelled=False)}
    descriptor = Descriptor("toy", ("sky", "road"), COLORS, 11, splits)
    descriptor.save(str(tmp_path))
    assert load_descriptor(str(tmp_path)) == descriptor
    assert json.loads((tmp_path / FILE_NAME).read_text())["class_names"] == ["sky", "road"]
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE_NAME]


def test_number_of_classes_leaves_out_the_ignore_label():
    assert Descriptor("toy", ("sky", "road"), COLORS).num_classes == 2


def test_a_missing_split_is_named_with_those_there_are():
    descriptor = Descriptor("toy", ("sky", "road"), COLORS, splits={"train": TRAIN, "val": TRAIN})
    assert descriptor.split("train") == TRAIN
    with pytest.raises(InputError, match="no split 'test'; it has train, val"):
        descriptor.split("test")


@pytest.mark.parametrize(
    ("names", "colors", "words"),
    [
        (("sky",), COLORS[:1], "at least 2 classes"),
        (("sky", "sky"), COLORS, "differ"),
        (("sky", ""), COLORS, "a class has no name; found .sky., .."),
        (("sky", "road"), COLORS[:1], "as many colours"),
        (("sky", "road"), ((0, 0, 0), (1, 2)), r"colour \(1, 2\) is no \(red"),
        (("sky", "road"), ((0, 0, 0), (1, 2, 256)), r"colour \(1, 2, 256\)"),
    ],
)
def test_descriptors_that_are_refused(names, colors, words):
    with pytest.raises(InputError, match=words):
        Descriptor("toy", names, colors)


def test_folders_without_a_descriptor_and_damaged_ones(tmp_path):
    (tmp_path / "train-00000-of-00001.tfrecord").touch()
    with pytest.raises(InputError, match=r"is not a converted dataset.*train-00000"):
        load_descriptor(str(tmp_path))
    (tmp_path / FILE_NAME).write_text('{"name": "toy", ')
    with pytest.raises(InputError, match="damaged"):
        load_descriptor(str(tmp_path))
    (tmp_path / FILE_NAME).write_text('{"name": "toy", "flavour": 3}')
    with pytest.raises(InputError, match="no field flavour"):
        load_descriptor(str(tmp_path))


FACE = ("skin", "left_eye", "hair", "right_eye")


def test_classes_that_change_places_are_found_by_name_or_declared(tmp_path):
    colors = ((0, 0, 0),) * 4
    found = Descriptor("face", FACE, colors)
    assert found.mirrored_pairs == (("left_eye", "right_eye"),) and found.mirrored_labels == (0, 3, 2, 1)
    declared = Descriptor("face", FACE, colors, mirror_pairs=(("skin", "hair"),))
    assert declared.mirrored_labels == (2, 1, 0, 3)
    declared.save(str(tmp_path))
    assert load_descriptor(str(tmp_path)).mirrored_pairs == (("skin", "hair"),)
    assert Descriptor("face", FACE, colors, mirror_pairs=()).mirrored_labels == (0, 1, 2, 3)


def test_a_descriptor_without_pairs_still_loads(tmp_path):
    values = Descriptor("face", FACE, ((0, 0, 0),) * 4).to_dict()
    del values["mirror_pairs"]
    (tmp_path / FILE_NAME).write_text(json.dumps(values))
    assert load_descriptor(str(tmp_path)).mirrored_labels == (0, 3, 2, 1)


@pytest.mark.parametrize("pairs", [(("skin", "beard"),), (("skin", "hair"), ("hair", "left_eye")), (("skin",),)])
def test_pairs_that_are_refused(pairs):
    with pytest.raises(InputError, match="each name in one pair only"):
        Descriptor("face", FACE, ((0, 0, 0),) * 4, mirror_pairs=pairs)


def test_an_ignore_label_that_no_mask_holds_is_refused():
    with pytest.raises(InputError, match="ignore_label is 256; masks hold 0 to 255"):
        Descriptor("toy", ("sky", "road"), COLORS, 256)
