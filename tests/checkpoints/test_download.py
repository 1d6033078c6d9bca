"""Downloads from a real server on this machine: whole, resumed, or explained."""

import os
import pathlib
import socket

import pytest
from tf1_files import write_archive
from zoo_server import zoo_server

from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.checkpoints.download import cache_folder, download
from deeplab_tf2.config import InputError

NAME = "mobilenetv2_coco_voc_trainaug"
FILE = zoo.ROWS[NAME].file


@pytest.fixture
def published(tmp_path):
    """A folder with one archive of 200 kB."""
    (tmp_path / "published").mkdir()
    write_archive(tmp_path / "published" / FILE, {"net/model.ckpt.index": os.urandom(200_000)})
    return tmp_path / "published"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DEEPLAB_TF2_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_download_is_kept(published, cache, monkeypatch, capsys):
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        path = download(f"zoo:{NAME}")
        assert path == str(cache / FILE)
        assert pathlib.Path(path).read_bytes() == (published / FILE).read_bytes()
        assert "100%" in capsys.readouterr().err
        assert download(NAME) == path
        assert server.begins == [(f"/models/{FILE}", 0)]
    assert os.listdir(cache) == [FILE]


def test_another_folder(published, cache, tmp_path, monkeypatch):
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        assert download(NAME, str(tmp_path / "mine")) == str(tmp_path / "mine" / FILE)
    assert not cache.exists()


@pytest.mark.parametrize("ranges", [True, False])
def test_an_interrupted_download_is_resumed(published, cache, monkeypatch, ranges):
    with zoo_server(published, cut=70_000, ranges=ranges) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        with pytest.raises(InputError, match=r"connection ended after 70000 of \d+ bytes\). Run again .* resumes"):
            download(NAME)
        assert os.listdir(cache) == [f"{FILE}.part"]
        path = download(NAME)
        assert [begin for _, begin in server.begins] == [0, 70_000]
    assert pathlib.Path(path).read_bytes() == (published / FILE).read_bytes()
    assert os.listdir(cache) == [FILE]


def test_a_part_that_is_complete_already(published, cache, monkeypatch):
    cache.mkdir()
    (cache / f"{FILE}.part").write_bytes((published / FILE).read_bytes())
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        download(NAME)
        assert len(server.begins) == 1
    assert os.listdir(cache) == [FILE]


def test_a_part_of_another_file_is_started_again(published, cache, monkeypatch):
    cache.mkdir()
    (cache / f"{FILE}.part").write_bytes(bytes(300_000))
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        path = download(NAME)
    assert pathlib.Path(path).read_bytes() == (published / FILE).read_bytes()


def test_what_is_no_archive_is_removed(published, cache, monkeypatch):
    (published / FILE).write_text("<html>a page that asks to log in</html>")
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        with pytest.raises(InputError, match="is not the archive, and was removed"):
            download(NAME)
    assert os.listdir(cache) == []


def test_a_missing_file_is_told(published, monkeypatch):
    (published / FILE).unlink()
    with zoo_server(published) as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        with pytest.raises(InputError, match="the server answers 404"):
            download(NAME)


def test_without_a_network_it_says_where_the_file_belongs(cache, monkeypatch):
    # A port that is held, and not listened at.
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        monkeypatch.setenv(zoo.URL_VARIABLE, f"http://127.0.0.1:{port}/models/")
        with pytest.raises(InputError) as error:
            download(NAME)
    assert f"http://127.0.0.1:{port}/models/{FILE} could not be downloaded (no network reaches it: " in str(error.value)
    assert str(error.value).endswith(f"put it at {cache / FILE}")


def test_where_downloads_are_kept(monkeypatch, tmp_path):
    assert cache_folder() == str(tmp_path / "cache")
    monkeypatch.delenv("DEEPLAB_TF2_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == str(tmp_path / ".cache" / "deeplab_tf2")
