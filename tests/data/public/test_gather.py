"""Examples of an unpacked set, compared with what is published."""

import dataclasses
import hashlib

import pytest
from miniature_sets import camvid, voc
from miniatures import made

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.gather import gather
from deeplab_tf2.data.public.sets import find_set


def test_counts_are_compared(tmp_path):
    camvid(tmp_path)
    made("camvid", tmp_path)
    row = dataclasses.replace(find_set("camvid"), expected={"train": 2, "val": 101, "trainval": 3})
    tree, names = f"{tmp_path}/unpacked", "0001TP_006690\n0016E5_00390\n"
    pairing = gather(row, tree, ("train", "val"))
    assert {split: len(pairs) for split, pairs in pairing.splits.items()} == {"train": 2, "val": 1}
    warning = "warning: train: 2 examples, as many as published, but others"
    for digest, note in (
        (hashlib.sha256(names.encode()).hexdigest(), "train: 2 examples, as published"),
        ("0", warning),
    ):
        assert gather(dataclasses.replace(row, digests={"train": digest}), tree, ("train",)).notes == (note,)
    assert pairing.notes == (
        "train: 2 examples, as published",
        "warning: val: 1 examples, published are 101: a part of the set, or files lack",
    )


def test_a_problem_of_two_splits_is_one(tmp_path):
    voc(tmp_path)
    made("pascal_voc_seg", tmp_path)
    next((tmp_path / "unpacked").rglob("JPEGImages/2007_000032.jpg")).unlink()
    pairing = gather(find_set("pascal_voc_seg"), f"{tmp_path}/unpacked", ("train", "val", "trainval"))
    assert len(pairing.problems) == 1 and len(pairing.splits["trainval"]) == 2
    with pytest.raises(InputError, match="has no folder with cls and train.txt and val.txt"):
        gather(find_set("pascal_voc_seg"), f"{tmp_path}/unpacked", ("train_aug",))
