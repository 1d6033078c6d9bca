import pytest
import tiny_tfds

from deeplab_tf2.data.tfds.tfds_features import find_layout
from deeplab_tf2.data.tfds.tfds_source import Examples
from deeplab_tf2.data.tfds.tfds_splits import find_pairs


def found(folder, splits, rename=None):
    """Split -> names of its pairs, and the notes, for splits given by how many examples they have."""
    made = {split: [tiny_tfds.pets(number) for number in range(count)] for split, count in splits.items()}
    for examples in made.values():
        for example in examples:
            example["file_name"] = rename(example["file_name"]) if rename else example["file_name"]
    builder = tiny_tfds.make(folder, "some", tiny_tfds.PETS, made)
    notes = []
    pairs = find_pairs(Examples(builder, find_layout(builder.info.features)), notes.append)
    return pairs, notes


@pytest.mark.parametrize(
    ("splits", "names"),
    [
        ({"train": 1, "validation": 1, "test": 1}, {"train", "val", "test"}),
        ({"train": 1, "val": 1, "train_extra": 1}, {"train", "val", "train_extra"}),
        ({"train": 1, "test": 1}, {"train", "val"}),
        ({"fold1": 1, "fold2": 1}, {"fold1", "fold2"}),
    ],
)
def test_a_split_for_validation_is_called_val(tmp_path, splits, names):
    pairs, notes = found(tmp_path, splits)
    assert set(pairs) == names
    assert bool(notes) == (names == {"train", "val"})


def test_one_split_is_drawn_into_two(tmp_path):
    pairs, (note,) = found(tmp_path, {"whole": 10})
    assert {split: len(part) for split, part in pairs.items()} == {"train": 8, "val": 2}
    assert "whole" in note


def test_examples_have_the_names_of_the_set(tmp_path):
    pairs, _ = found(tmp_path, {"train": 2, "val": 1}, lambda name: f"C:\\birds/../{name}")
    assert [(pair.name, pair.image) for pair in pairs["train"]] == [
        ("C:/birds/photo_0", "train[0]"),
        ("C:/birds/photo_1", "train[1]"),
    ]


def test_names_that_do_not_tell_examples_apart_are_replaced(tmp_path):
    pairs, _ = found(tmp_path, {"train": 2, "val": 1}, lambda name: "photo")
    assert [pair.name for pair in pairs["train"]] == ["train_000000", "train_000001"]
