"""Folders of unpacked datasets."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.lists import Pair, Problem
from deeplab_tf2.data.public.trees import files, lines, listed, paired, root


def test_the_root_lies_anywhere_near_the_top(tmp_path):
    (tmp_path / "a" / "set" / "images").mkdir(parents=True)
    (tmp_path / "a" / "set" / "list.txt").write_text("")
    for start in (tmp_path, tmp_path / "a", tmp_path / "a" / "set"):
        assert root(str(start), "images", "list.txt") == str(tmp_path / "a" / "set")
    with pytest.raises(InputError, match="has no folder with images and masks: is everything unpacked there"):
        root(str(tmp_path), "images", "masks")
    with pytest.raises(InputError, match="nowhere has no folder with images"):
        root(str(tmp_path / "nowhere"), "images")


def test_files_of_one_ending(tmp_path):
    for name in ("b_x.png", "a_x.png", "a_y.png", "c_x.jpg"):
        (tmp_path / name).touch()
    assert files(str(tmp_path), "_x.png") == {"a": f"{tmp_path}/a_x.png", "b": f"{tmp_path}/b_x.png"}
    assert files(str(tmp_path / "nowhere"), ".png") == {}


def test_lines_of_any_ending(tmp_path):
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbfa 1\r\n\r\n b \nc")
    assert lines(str(tmp_path / "list.txt")) == ["a 1", "b", "c"]
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe")
    for name in ("list.txt", "nowhere.txt"):
        with pytest.raises(InputError, match=f"{name} cannot be read"):
            lines(str(tmp_path / name))


def test_what_has_no_counterpart_is_a_problem():
    found = paired({"a": "a.jpg", "b": "b.jpg"}, {"b": "b.png", "c": "c.png"})
    assert found.pairs == (Pair("b", "b.jpg", "b.png"),)
    assert found.problems == (Problem("a", "a.jpg: has no mask"), Problem("c", "c.png: has no image"))
    assert paired({"a": "a.jpg"}, None).pairs == (Pair("a", "a.jpg", None),)


def test_what_a_list_names_must_be_there(tmp_path):
    (tmp_path / "a.jpg").touch()
    good, bad = Pair("a", f"{tmp_path}/a.jpg", None), Pair("b", f"{tmp_path}/a.jpg", f"{tmp_path}/b.png")
    found = listed([good, bad])
    assert found.pairs == (good,) and found.problems == (Problem("b", f"{tmp_path}/b.png: is missing"),)
