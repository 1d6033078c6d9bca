"""The same calls on this machine and on a file system of TensorFlow."""

import os
import subprocess
import sys

import pytest

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError


@pytest.fixture(params=["local", "ram"])
def folder(request, tmp_path):
    return str(tmp_path / "here") if request.param == "local" else f"ram://{tmp_path.name}/here"


def test_files_come_and_go(folder):
    assert storage.names(folder) == [] and not storage.is_folder(folder)
    storage.make_folder(storage.join(folder, "b"))
    storage.make_folder(folder)
    path = storage.write_whole(storage.join(folder, "b", "x.txt"), b"hello")
    storage.write_whole(path, b"hello again")
    assert storage.read(path) == b"hello again" and storage.size(path) == 11
    assert storage.read_part(path, 6, 3) == b"aga" and storage.read_part(path, 9, 30) == b"in"
    assert storage.is_file(path) and not storage.is_file(folder) and storage.is_folder(folder)
    moved = storage.join(folder, "y.txt")
    storage.rename(path, moved)
    assert storage.names(folder) == ["b", "y.txt"]
    assert [(sorted(folders), sorted(files)) for _, folders, files in storage.walk(folder)] == [
        (["b"], ["y.txt"]),
        ([], []),
    ]
    storage.remove(moved)
    storage.remove(moved)
    assert storage.names(folder) == ["b"]
    storage.remove_folder(folder)
    storage.remove_folder(folder)
    assert not storage.is_folder(folder)


def test_what_fails_is_named(folder):
    missing = storage.join(folder, "none.png")
    with pytest.raises(InputError, match="none.png: cannot be read"):
        storage.read(missing)
    with pytest.raises(InputError, match="none.png: cannot be read"):
        storage.read_part(missing, 0, 1)
    with pytest.raises(InputError, match="none.png: cannot be read"):
        storage.size(missing)


def test_text_is_utf_8(folder):
    storage.make_folder(folder)
    path = storage.write_whole(storage.join(folder, "a.txt"), b"\xef\xbb\xbf\xc3\xbc\r\n")
    assert storage.read_text(path) == "ü\r\n"
    storage.write_whole(path, b"\xfc")
    with pytest.raises(InputError, match="a.txt is no UTF-8 text"):
        storage.read_text(path)


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError, match="taken: cannot be written"):
        storage.write_whole(str(tmp_path / "taken"), b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_absolute_paths():
    assert storage.absolute("ram://a/b") == "ram://a/b"
    assert storage.absolute("a") == os.path.abspath("a")
    assert storage.last_name("ram://a/b/") == storage.last_name("a/b/") == "b"
    assert storage.last_name(".") == os.path.basename(os.getcwd())


def test_an_unknown_file_system_is_named():
    with pytest.raises(InputError, match="foo://bucket: cannot be reached .*scheme 'foo' not implemented"):
        storage.is_folder("foo://bucket")


def test_errors_of_others_pass():
    with pytest.raises(KeyError), storage.explained("a", "read"):
        raise KeyError("a")


def test_local_files_need_no_tensorflow(tmp_path):
    code = (
        "import sys; from deeplab_tf2 import storage;"
        f"storage.write_whole({str(tmp_path / 'a')!r}, b'1'); storage.read({str(tmp_path / 'a')!r});"
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_written_in_pieces_is_whole_or_not_there(tmp_path):
    path = str(tmp_path / "x.txt")
    with storage.whole_file(path) as temporary:
        with open(temporary, "w") as file:
            file.write("hello")
        assert not os.path.exists(path)
    assert storage.read(path) == b"hello" and os.listdir(tmp_path) == ["x.txt"]
    with pytest.raises(KeyboardInterrupt), storage.whole_file(path) as temporary:
        storage.write_whole(temporary, b"half")
        raise KeyboardInterrupt
    with pytest.raises(InputError, match="x.txt: cannot be written .No space left"), storage.whole_file(path):
        raise OSError(28, "No space left on device")
    assert storage.read(path) == b"hello" and os.listdir(tmp_path) == ["x.txt"]
