"""Files from a real server on this machine; `checkpoints.download` has more of them."""

import os
import pathlib

import pytest
from zoo_server import zoo_server

from deeplab_tf2.config import InputError
from deeplab_tf2.fetching import fetch


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)


def test_a_file_is_checked_once_it_is_whole(tmp_path):
    content = os.urandom(90_000)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.zip").write_bytes(content)
    seen = []
    path = str(tmp_path / "here" / "deep" / "a.zip")
    with zoo_server(tmp_path / "there", cut=30_000) as server:
        with pytest.raises(InputError, match=f"connection ended after 30000 of 90000 bytes.*put it at {path}"):
            fetch(f"{server.url}/a.zip", path, seen.append)
        assert not seen and not os.path.exists(path)
        assert fetch(f"{server.url}/a.zip", path, seen.append) == path
        assert [begin for _, begin in server.begins] == [0, 30_000]
        assert fetch(f"{server.url}/a.zip", path, seen.append) == path
    assert seen == [f"{path}.part"] and pathlib.Path(path).read_bytes() == content


def test_what_fails_its_check_is_removed(tmp_path):
    def refuse(path):
        raise InputError("no zip file")

    (tmp_path / "a.zip").write_text("<html>log in first</html>")
    with zoo_server(tmp_path) as server, pytest.raises(InputError, match="not the archive, and was removed: no zip"):
        fetch(f"{server.url}/a.zip", str(tmp_path / "here" / "a.zip"), refuse)
    assert os.listdir(tmp_path / "here") == []
