import os

import pytest
from toy_files import write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.folders import Folder


def folder(path, *files):
    for file in files:
        write(path / file, b"")
    return Folder("image_folder", str(path))


def test_image_files_are_found_in_subfolders_and_others_passed_over(tmp_path):
    found = folder(tmp_path, "a.JPG", "sub/b.png", "notes.txt", ".hidden.jpg", ".git/c.jpg", "Thumbs.db")
    assert found.stems() == {"a": ["a.JPG"], "sub/b": ["sub/b.png"]}
    assert os.path.isfile(found.full("sub/b.png"))


def test_one_name_for_two_images_is_ambiguous(tmp_path):
    found = folder(tmp_path, "a.jpg", "a.png")
    with pytest.raises(InputError, match=r"a can be a.jpg or a.png .*write the extension"):
        found.find_image("a", "train.txt:1", None)
    assert found.find_image("a.png", "train.txt:1", None) == "a.png"


def test_image_and_mask_may_lie_side_by_side(tmp_path):
    found = folder(tmp_path, "a.jpg", "a.png", "b.png")
    assert found.find_image("a", "train.txt:1", found) == "a.jpg"
    assert found.find_mask("a", "train.txt:1") == "a.png"
    assert found.stems(besides=found)["a"] == ["a.jpg"]


def test_links_inside_the_folder_are_followed(tmp_path):
    folder(tmp_path, "real/a.jpg")
    os.symlink(tmp_path / "real" / "a.jpg", tmp_path / "b.jpg")
    assert set(Folder("image_folder", str(tmp_path)).stems()) == {"real/a", "b"}


def test_links_out_of_the_folder_are_noted(tmp_path):
    write(tmp_path / "outside.jpg", b"")
    folder(tmp_path / "inside", "a.jpg")
    os.symlink(tmp_path / "outside.jpg", tmp_path / "inside" / "b.jpg")
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "inside" / "sub")
    found = Folder("image_folder", str(tmp_path / "inside"))
    assert set(found.stems()) == {"a"}
    assert "2 links lead out of" in next(iter(found.notes()))


def test_the_longest_rest_of_a_path_wins(tmp_path):
    found = folder(tmp_path, "a.jpg", "train/a.jpg")
    assert found.find_image("/dead/train/a.jpg", "train.txt:1", None) == "train/a.jpg"
    assert found.find_image("/dead/val/a.jpg", "train.txt:2", None) == "a.jpg"
    assert [note.split(",")[0] for note in found.notes()] == [
        "1 line in train.txt: dropped the prefix /dead",
        "1 line in train.txt: dropped the prefix /dead/val",
    ]


def test_suffixes_tell_the_roles_apart(tmp_path):
    folder(tmp_path, "a.png", "a_mask.png", "sub/b.jpg", "sub/b_mask.png", "c_img_mask.png", "readme_img.jpg")
    images = Folder("image_folder", str(tmp_path), "", "_mask")
    masks = Folder("semantic_segmentation_folder", str(tmp_path), "_mask", "")
    assert set(images.stems(besides=masks)) == {"a", "sub/b", "readme_img"}
    assert set(masks.stems()) == {"a", "sub/b", "c_img"}
    assert masks.masks("sub/b") == ["sub/b_mask.png"]
    assert masks.find_mask("a", "train.txt:1") == masks.find_mask("a_mask", "train.txt:1") == "a_mask.png"
    assert list(images.notes()) == []
    assert list(masks.notes()) == []
    assert list(Folder("semantic_segmentation_folder", str(tmp_path), "_mask").notes()) == [
        "semantic_segmentation_folder: 3 files whose names do not end in _mask were passed over (first: a.png)"
    ]


def test_of_two_suffixes_the_longer_decides(tmp_path):
    folder(tmp_path, "a_img.png", "a_mask_img.png")
    assert Folder("image_folder", str(tmp_path), "_img", "_mask_img").stems() == {"a": ["a_img.png"]}
    assert Folder("mask_folder", str(tmp_path), "_mask_img", "_img").stems() == {"a": ["a_mask_img.png"]}


def test_images_are_found_with_and_without_their_suffix(tmp_path):
    folder(tmp_path, "a_left.png", "b.png")
    found = Folder("image_folder", str(tmp_path), "_left")
    for name in ("a", "a_left", "a_left.png", "/dead/a_left.png"):
        assert found.find_image(name, "train.txt:1", None) == "a_left.png"
    assert found.find_image("b", "train.txt:1", None) is None


def test_a_flat_folder_of_masks_serves_images_in_subfolders(tmp_path):
    flat = folder(tmp_path / "flat", "a.png", "b.png")
    nested = folder(tmp_path / "nested", "a.png", "sub/b.png")
    assert flat.masks("person/a") == ["a.png"]
    assert nested.masks("person/a") == []
    assert folder(tmp_path / "images", "x/a.jpg", "y/a.jpg", "y/b.jpg").namesakes("x/a") == ["x/a", "y/a"]
