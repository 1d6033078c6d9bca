"""Sets of photographs, converted from miniature archives."""

import numpy as np
from miniature_sets import SBD_VALUES, VOC_LISTS, VOC_VALUES, ade20k, coco_stuff, coco_stuff_10k, sbd, voc
from miniatures import made, pack, photo, same, stripes


def voc_labels(*names):
    return {name: stripes(VOC_VALUES, int(name[-1])) for name in names}


def test_pascal_voc(tmp_path):
    voc(tmp_path)
    descriptor, examples = made("pascal_voc_seg", tmp_path)
    assert descriptor.name == "pascal_voc_seg" and descriptor.num_classes == 21 and descriptor.ignore_label == 255
    assert list(examples) == ["train", "val", "trainval"]
    same(examples["train"], voc_labels(*VOC_LISTS["train"]))
    same(examples["val"], voc_labels(*VOC_LISTS["val"]))
    same(examples["trainval"], voc_labels(*VOC_LISTS["train"], *VOC_LISTS["val"]))


def test_pascal_voc_with_the_labels_of_sbd(tmp_path):
    voc(tmp_path)
    sbd(tmp_path)
    _, examples = made("pascal_voc_seg", tmp_path, ("train_aug", "val"))
    assert list(examples) == ["val", "train_aug"]
    # Without VOC's val, and with VOC's mask where there is one.
    expected = {**voc_labels(*VOC_LISTS["train"]), "2009_000001": stripes(SBD_VALUES)}
    same(examples["train_aug"], expected)


def test_pascal_voc_test_images_have_no_masks(tmp_path):
    voc(tmp_path)
    top = "VOCdevkit/VOC2012"
    members = {f"{top}/ImageSets/Segmentation/test.txt": "2008_000006\n", f"{top}/JPEGImages/2008_000006.jpg": photo(6)}
    pack(tmp_path / "VOC2012test.tar", members)
    descriptor, examples = made("pascal_voc_seg", tmp_path, ("test",))
    assert examples == {"test": {"2008_000006": None}} and not descriptor.split("test").labelled


def test_ade20k(tmp_path):
    ade20k(tmp_path)
    descriptor, examples = made("ade20k", tmp_path)
    assert (descriptor.num_classes, descriptor.ignore_label) == (151, 0)
    same(examples["train"], {f"ADE_train_0000000{number}": stripes([0, 1, 150], number) for number in (1, 2)})
    same(examples["val"], {"ADE_val_00000001": stripes([0, 1, 150], 1)})
    assert descriptor.split("train").ignored_pixels == 2 * 64
    pack(tmp_path / "release_test.zip", {"release_test/testing/ADE_test_00000001.jpg": photo(4)})
    assert made("ade20k", tmp_path, ("test",))[1] == {"test": {"ADE_test_00000001": None}}


def test_coco_stuff(tmp_path):
    coco_stuff(tmp_path)
    descriptor, examples = made("coco_stuff", tmp_path)
    named = [descriptor.class_names[label] for label in (0, 11, 170)]
    assert named == ["person", "stop sign", "wood"] and descriptor.num_classes == 171
    labels = np.array([0, 11, 170, 255])
    same(examples["train"], {f"{number:012}": stripes(labels, turn) for turn, number in enumerate((9, 25))})
    same(examples["val"], {f"{139:012}": stripes(labels)})


def test_coco_stuff_10k(tmp_path):
    coco_stuff_10k(tmp_path)
    descriptor, examples = made("coco_stuff_10k", tmp_path)
    assert list(examples) == ["train", "test"] and descriptor.num_classes == 171
    labels = np.array([255, 0, 11, 170])
    expected = {f"COCO_train2014_{number:012}": stripes(labels, turn) for turn, number in enumerate((77, 78))}
    same(examples["train"], expected)
