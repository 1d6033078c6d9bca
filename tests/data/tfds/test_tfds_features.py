import numpy as np
import pytest
import tensorflow_datasets as tfds

from deeplab_tf2.config import InputError
from deeplab_tf2.data.tfds.tfds_features import find_layout, flat, is_file

F = tfds.features
GREY = {"shape": (None, None, 1)}


def layout(features, *asked):
    found = find_layout(F.FeaturesDict(features), *asked)
    return found.image, found.mask


def test_image_and_mask_are_found_by_type():
    assert layout({"photograph": F.Image(), "outline": F.Image(**GREY), "kind": F.ClassLabel(num_classes=3)}) == (
        "photograph",
        "outline",
    )


def test_several_of_a_type_are_told_apart_by_name():
    street = {"image_left": F.Image(), "image_right": F.Image(), "image_id": F.Text()}
    street |= {"segmentation_label": F.Image(**GREY), "disparity_map": F.Image(**GREY)}
    assert layout(street) == ("image_left", "segmentation_label")
    assert find_layout(F.FeaturesDict(street)).name == "image_id"


def test_a_feature_that_names_classes_is_the_mask():
    found = find_layout(
        F.FeaturesDict({"image": F.Image(), "mask": F.Image(**GREY), "parts": F.LabeledImage(labels=["sky", "road"])})
    )
    assert (found.mask, found.class_names) == ("parts", ("sky", "road"))
    nameless = F.FeaturesDict({"image": F.Image(), "parts": F.LabeledImage(labels=3)})
    assert find_layout(nameless).class_names == ("class_0", "class_1", "class_2")


def test_nested_features_have_keys_of_paths():
    nested = {"image": {"encoded": F.Image(), "segmentation": {"class": {"encoded": F.Image(**GREY)}}}}
    assert layout(nested) == ("image/encoded", "image/segmentation/class/encoded")
    assert set(flat(F.FeaturesDict(nested))) == {"image/encoded", "image/segmentation/class/encoded"}


def test_arrays_are_read_too():
    arrays = {"pixels": F.Tensor(shape=(8, 9, 3), dtype=np.uint8), "labels": F.Tensor(shape=(8, 9), dtype=np.int32)}
    assert layout(arrays) == ("pixels", "labels")
    assert not is_file(F.FeaturesDict(arrays)["labels"])
    arrays["labels"] = F.Tensor(shape=(8, 9, 1), dtype=np.uint8)
    assert layout({**arrays, "box": F.BBoxFeature()}) == ("pixels", "labels")


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ({"image": F.Image()}, "no feature can be the mask.*--mask_feature.*image \\(Image \\(., ., 3\\)\\)"),
        ({"mask": F.LabeledImage(labels=2)}, "no feature can be the image"),
        ({"image": F.Image(), "a": F.Image(**GREY), "b": F.Image(**GREY)}, "a, b may be the mask"),
        ({"left": F.Image(), "right": F.Image(), "mask": F.Image(**GREY)}, "left, right may be the image"),
        ({"image": F.Image(), "depth": F.Image(**GREY, dtype=np.float32)}, "no feature can be the mask"),
        ({"image": F.Image(), "masks": F.Sequence(F.Image(**GREY))}, "no feature can be the mask"),
    ],
)
def test_what_is_unclear_is_asked_with_all_features(features, words):
    with pytest.raises(InputError, match=words):
        layout(features)


def test_the_user_may_say_which():
    street = {"left": F.Image(), "right": F.Image(), "a": F.Image(**GREY), "b": F.Image(**GREY)}
    assert layout(street, "right", "b") == ("right", "b")
    with pytest.raises(InputError, match="--mask_feature=c: there is no such feature; features are a"):
        layout(street, "right", "c")
