"""The public datasets by name, and their splits."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.sets import SETS, chosen_splits, find_set


@pytest.mark.parametrize("name", SETS)
def test_rows_are_whole(name):
    row = find_set(name)
    assert set(row.splits) <= set(row.expected) and row.page and row.terms and row.note
    assert all(set(archive.splits) <= set(row.expected) for archive in row.archives)
    for split in row.expected:
        assert row.needed((split,)), split


def test_an_unknown_set_lists_the_known_ones():
    with pytest.raises(
        InputError, match="called 'imagenet' here; there are pascal_voc_seg, cityscapes, ade20k, camvid"
    ):
        find_set("imagenet")


def test_splits():
    street = find_set("cityscapes")
    assert chosen_splits(street, ()) == ("train_fine", "val_fine")
    assert chosen_splits(street, ("val", "train_coarse", "train")) == ("train_fine", "val_fine", "train_coarse")
    with pytest.raises(InputError, match="camvid has no split dev; it has train, val, trainval, test"):
        chosen_splits(find_set("camvid"), ("train", "dev"))
