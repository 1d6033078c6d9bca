import os

import pytest
from toy_files import write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.folders import Folder


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
