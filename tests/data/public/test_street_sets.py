"""Sets of streets, converted from miniature archives."""

import numpy as np
import pytest
from miniature_sets import (
    CAMVID_LISTS,
    CITYSCAPES_LABELS,
    camvid,
    camvid_original,
    cityscapes,
    cityscapes_coarse,
    kitti,
    vistas,
)
from miniatures import made, same, stripes


def fine(*names):
    return {name: stripes(CITYSCAPES_LABELS, turn) for name, turn in names}


def test_cityscapes_fine(tmp_path):
    names = cityscapes(tmp_path)
    descriptor, examples = made("cityscapes", tmp_path, ("train", "val_fine", "trainval_fine", "test"))
    assert descriptor.num_classes == 19
    assert list(examples) == ["train_fine", "val_fine", "trainval_fine", "test_fine"]
    train = fine(*zip(names["train"], range(3), strict=True))
    same(examples["train_fine"], train)
    same(examples["val_fine"], fine((names["val"][0], 0)))
    same(examples["trainval_fine"], dict(sorted({**train, **fine((names["val"][0], 0))}.items())))
    assert examples["test_fine"] == {names["test"][0]: None}
    unpacked = {path.name for path in (tmp_path / "unpacked" / "gtFine").rglob("*.*")}
    assert unpacked and all(name.endswith("_labelIds.png") for name in unpacked)


def test_cityscapes_coarse(tmp_path):
    names = cityscapes(tmp_path)
    cityscapes_coarse(tmp_path, names)
    _, examples = made("cityscapes", tmp_path, ("train_coarse", "trainval_coarse"))
    labels = np.array([255, 255, 0, 18])
    train = {name: stripes(labels, turn) for turn, name in enumerate(names["train"])}
    train["augsburg_000000_000000"] = stripes(labels)
    same(examples["train_coarse"], dict(sorted(train.items())))
    assert set(examples["trainval_coarse"]) == {*train, *names["val"]}


def test_camvid(tmp_path):
    camvid(tmp_path)
    descriptor, examples = made("camvid", tmp_path)
    assert (descriptor.num_classes, descriptor.ignore_label) == (11, 255)
    assert list(examples) == ["train", "val", "trainval", "test"]
    for split, names in CAMVID_LISTS.items():
        same(examples[split], {name: stripes([0, 10, 255], turn) for turn, name in enumerate(names)})
    assert list(examples["trainval"]) == [*CAMVID_LISTS["train"], *CAMVID_LISTS["val"]]


@pytest.mark.parametrize(
    ("name", "classes", "labels", "ignored"),
    [("camvid_32", 32, [0, 17, 19, 30, 30], 30), ("camvid_11", 11, [9, 3, 4, 255, 255], 255)],
)
def test_camvid_in_its_own_size_and_colours(tmp_path, name, classes, labels, ignored):
    names = camvid_original(tmp_path)
    descriptor, examples = made(name, tmp_path)
    assert (descriptor.num_classes, descriptor.ignore_label) == (classes, ignored)
    same(examples["trainval"], {stem: stripes(labels, names.index(stem)) for stem in names[:3]})
    same(examples["test"], {names[3]: stripes(labels, 3)})


def test_kitti(tmp_path):
    kitti(tmp_path)
    _, examples = made("kitti_semantics", tmp_path, ("train", "val", "trainval", "test"))
    whole = fine(*((f"{number:06}_10", number) for number in range(6)))
    same(examples["trainval"], whole)
    same(examples["val"], {"000004_10": whole.pop("000004_10")})
    same(examples["train"], whole)
    assert list(examples["test"].values()) == [None] * 6


@pytest.mark.parametrize(
    "file", ["mapillary-vistas-dataset_public_v2.0.zip", "mapillary-vistas-dataset_public_v1.1.zip"]
)
def test_mapillary_vistas_1_2(tmp_path, file):
    labels = [(f"object--{number}", number != 65) for number in range(66)]
    vistas(tmp_path, file, labels, [0, 64, 65], "1.2")
    descriptor, examples = made("mapillary_vistas_v1.2", tmp_path)
    assert (descriptor.num_classes, descriptor.colors[64]) == (65, (64, 128, 9))
    same(examples["train"], {"-a_Q9": stripes([0, 64, 255]), "_bX-0": stripes([0, 64, 255], 1)})
    same(examples["val"], {"cc-_1": stripes([0, 64, 255])})


def test_mapillary_vistas_2_0_leaves_out_what_is_not_evaluated(tmp_path):
    labels = [("a--left", True), ("b", False), ("a--right", True), ("void", False)]
    vistas(tmp_path, "mapillary-vistas-dataset_public_v2.0.zip", labels, [0, 1, 2, 3], "2.0")
    descriptor, examples = made("mapillary_vistas_v2.0", tmp_path, ("train", "test"))
    assert descriptor.class_names == ("a--left", "a--right")
    assert descriptor.mirrored_labels == (1, 0)
    same(examples["train"], {"-a_Q9": stripes([0, 255, 1, 255]), "_bX-0": stripes([0, 255, 1, 255], 1)})
    assert examples["test"] == {"d": None}
