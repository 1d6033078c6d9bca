"""The classes of public datasets."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.known import known_dataset


@pytest.mark.parametrize(
    ("name", "some", "ignore_label"),
    [
        (
            "pascal_voc_seg",
            {0: ("background", (0, 0, 0)), 15: ("person", (192, 128, 128)), 20: ("tvmonitor", (0, 64, 128))},
            255,
        ),
        (
            "cityscapes",
            {0: ("road", (128, 64, 128)), 6: ("traffic light", (250, 170, 30)), 18: ("bicycle", (119, 11, 32))},
            255,
        ),
        (
            "ade20k",
            {1: ("wall", (120, 120, 120)), 45: ("chest of drawers", (6, 51, 255)), 150: ("flag", (92, 0, 255))},
            0,
        ),
    ],
)
def test_names_and_colours(name, some, ignore_label):
    dataset = known_dataset(name)
    assert dataset.name == name and dataset.ignore_label == ignore_label
    for label, (word, color) in some.items():
        assert (dataset.class_names[label], dataset.colors[label]) == (word, color)


def test_how_many_classes():
    assert [known_dataset(name).num_classes for name in ("pascal_voc_seg", "cityscapes", "ade20k")] == [21, 19, 151]


def test_an_unknown_dataset():
    with pytest.raises(InputError, match="'coco' are not known here; known are pascal_voc_seg, cityscapes, ade20k"):
        known_dataset("coco")
