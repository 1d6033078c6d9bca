"""JSON objects on this machine and on a file system of TensorFlow."""

import pytest

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.json_files import read_json, write_json


@pytest.fixture(params=["local", "ram"])
def folder(request, tmp_path):
    return str(tmp_path / "here") if request.param == "local" else f"ram://{tmp_path.name}/here"


def test_json_comes_back(folder):
    storage.make_folder(folder)
    path = write_json(storage.join(folder, "a.json"), {"b": [1, "ü"]})
    assert read_json(path, "a file") == {"b": [1, "ü"]}


def test_missing_and_damaged_json_are_named(folder):
    storage.make_folder(folder)
    storage.write_whole(storage.join(folder, "other.txt"), b"")
    path = storage.join(folder, "config.json")
    with pytest.raises(InputError, match=r"is not a run: it has no config.json \(found: other.txt\)"):
        read_json(path, "a run")
    storage.write_whole(path, b"{")
    with pytest.raises(InputError, match="damaged"):
        read_json(path, "a run")
