"""Layouts that are not as published: what lacks is named."""

import os
import re

import pytest
from miniature_sets import CAMVID_LISTS, camvid, cityscapes, lfw, voc
from miniatures import made, photo

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public import layouts


@pytest.fixture
def tree(tmp_path):
    """Unpacks what a builder packed."""

    def unpacked(build, name):
        build(tmp_path)
        made(name, tmp_path)
        return tmp_path / "unpacked"

    return unpacked


def test_a_listed_file_that_is_not_there(tree):
    folder = tree(voc, "pascal_voc_seg")
    mask = next(folder.rglob("SegmentationClass/2007_000032.png"))
    mask.unlink()
    found = layouts.voc(str(folder), "train")
    assert [pair.name for pair in found.pairs] == ["2008_000008"]
    assert [problem.text for problem in found.problems] == [f"{mask}: is missing"]


def test_cityscapes_images_without_masks_and_the_reverse(tree):
    folder = tree(cityscapes, "cityscapes")
    next(folder.rglob("aachen_000000_000019_gtFine_labelIds.png")).unlink()
    next(folder.rglob("aachen_000001_000019_leftImg8bit.png")).unlink()
    found = layouts.cityscapes(str(folder), "train_fine")
    assert [pair.name for pair in found.pairs] == ["bad-honnef_000000_000000"]
    assert [problem.text.partition(": ")[2] for problem in found.problems] == ["has no mask", "has no image"]
    with pytest.raises(InputError, match="has no folder with leftImg8bit and gtCoarse"):
        layouts.cityscapes(str(folder), "train_coarse")


@pytest.mark.parametrize("line", ["one", "a b c", "/val/../../x.png /valannot/x.png"])
def test_lines_of_two_words(tree, line):
    folder = tree(camvid, "camvid")
    next(folder.rglob("CamVid/val.txt")).write_text(line)
    with pytest.raises(InputError, match=f"the list of val has the line .{re.escape(line)}., which is not two names"):
        layouts.camvid(str(folder), "val")
    assert [pair.name for pair in layouts.camvid(str(folder), "train").pairs] == [*CAMVID_LISTS["train"]]


def test_numbers_of_lfw(tree):
    folder = tree(lfw, "lfw_parts")
    (folder / "parts_train.txt").write_text("Inga_Hall one\n")
    with pytest.raises(InputError, match="parts_train.txt has the line 'Inga_Hall one'"):
        layouts.lfw_parts(str(folder), "train")


def test_lists_lead_nowhere_else(tree, tmp_path):
    folder = tree(voc, "pascal_voc_seg")
    secret = tmp_path / "secret"
    for ending in (".jpg", ".png"):
        secret.with_suffix(ending).write_bytes(photo(1))
    up = os.path.relpath(secret, folder / "VOCdevkit" / "VOC2012" / "JPEGImages")
    next(folder.rglob("Segmentation/val.txt")).write_text(f"{up}\n{secret}\n")
    found = layouts.voc(str(folder), "val")
    assert not found.pairs
    assert [problem.text for problem in found.problems] == [
        f"{name}: a list has it, but it leads out of the folder" for name in (up, secret)
    ]
