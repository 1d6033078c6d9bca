"""Archives of datasets: what is unpacked, what is refused, and what is not done twice."""

import io
import os
import pathlib
import stat
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from miniatures import pack

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public import unpacking
from deeplab_tf2.data.public.unpacking import unpack

FILES = {"set/a/1.jpg": b"one", "set/a/2.jpg": b"two" * 100, "set/b/1.txt": b"text", "__MACOSX/set/a/._1.jpg": b"-"}


def below(folder):
    names = (os.path.relpath(path, folder) for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return sorted(name for name in names if not name.startswith(".unpacked"))


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tgz"])
def test_what_is_needed_is_unpacked_once(tmp_path, name, monkeypatch):
    pack(tmp_path / name, FILES)
    path, folder = str(tmp_path / name), str(tmp_path / "out")
    assert unpack(path, folder, ["*.jpg"]) == 2
    assert below(folder) == ["set/a/1.jpg", "set/a/2.jpg"]
    assert (tmp_path / "out" / "set" / "a" / "2.jpg").read_bytes() == b"two" * 100
    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "_members", lambda path: pytest.fail("a finished archive is opened"))
        assert unpack(path, folder, ["*.jpg"]) == 0
    assert unpack(path, folder, ["*.txt"]) == 1
    os.utime(path, ns=(1, 1))
    (tmp_path / "out" / "set" / "a" / "1.jpg").write_bytes(b"")
    assert unpack(path, folder, ["*.jpg"]) == 1
    assert (tmp_path / "out" / "set" / "a" / "1.jpg").read_bytes() == b"one"


@pytest.mark.parametrize("name", ["x.zip", "x.tar"])
def test_an_interruption_leaves_no_torn_file_and_is_continued(tmp_path, name, monkeypatch):
    pack(tmp_path / name, FILES)
    copied, real = [], unpacking.shutil.copyfileobj

    def cut(source, file, length):
        copied.append(file.name)
        if len(copied) == 2:
            file.write(source.read(5))
            raise KeyboardInterrupt
        real(source, file, length)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(unpacking.shutil, "copyfileobj", cut)
        unpack(str(tmp_path / name), str(tmp_path / "out"), ["*.jpg"])
    assert below(tmp_path / "out") == ["set/a/1.jpg", "set/a/2.jpg.part"]
    assert unpack(str(tmp_path / name), str(tmp_path / "out"), ["*.jpg"]) == 1
    assert below(tmp_path / "out") == ["set/a/1.jpg", "set/a/2.jpg"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize(
    "evil", ["../evil.jpg", "/tmp/evil.jpg", "a/../../evil.jpg", "a\\..\\..\\evil.jpg", "C:/evil.jpg"]
)
def test_no_path_escapes(tmp_path, kind, evil):
    pack(tmp_path / f"x.{kind}", {evil: b"x"})
    with pytest.raises(InputError, match="leads out of .*: this is not the published archive"):
        unpack(str(tmp_path / f"x.{kind}"), str(tmp_path / "deep" / "out"), ["*"])
    assert not list(tmp_path.rglob("evil*"))


def test_links_stay_packed(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "soft.jpg"),
            (tarfile.LNKTYPE, "hard.jpg"),
            (tarfile.FIFOTYPE, "pipe.jpg"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, str(tmp_path / "secret.jpg")
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("real.jpg"), io.BytesIO())
    assert unpack(str(tmp_path / "x.tar"), str(tmp_path / "out"), ["*.jpg"]) == 1
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        link = zipfile.ZipInfo("soft.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(tmp_path / "secret.jpg"))
        archive.writestr("also.jpg", b"x")
    assert unpack(str(tmp_path / "x.zip"), str(tmp_path / "out"), ["*.jpg"]) == 1
    assert below(tmp_path / "out") == ["also.jpg", "real.jpg"]


def test_what_is_too_large_is_refused_before_it_is_written(tmp_path, monkeypatch):
    pack(tmp_path / "x.zip", FILES)
    with pytest.raises(InputError, match="x.zip unpacks to more than 100 bytes"):
        unpack(str(tmp_path / "x.zip"), str(tmp_path / "out"), ["*"], size_limit=100)
    monkeypatch.setattr(unpacking, "MEMBER_LIMIT", 200)
    with pytest.raises(InputError, match="set/a/2.jpg in .*x.zip has 300 bytes; at most 200"):
        unpack(str(tmp_path / "x.zip"), str(tmp_path / "out"), ["*"])
    assert below(tmp_path / "out") == ["set/a/1.jpg"]


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tgz"])
def test_damage_is_told(tmp_path, name):
    pack(tmp_path / name, {f"{number}.jpg": os.urandom(30_000) for number in range(3)})
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[:40_000])
    with pytest.raises(InputError, match="cannot be unpacked .*download it again"):
        unpack(str(tmp_path / name), str(tmp_path / "out"), ["*"])
    (tmp_path / name).write_bytes(whole)
    assert unpack(str(tmp_path / name), str(tmp_path / "out"), ["*"]) >= 2
    assert below(tmp_path / "out") == ["0.jpg", "1.jpg", "2.jpg"]


def test_another_archive_says_what_it_holds(tmp_path):
    pack(tmp_path / "x.zip", FILES)
    with pytest.raises(InputError, match=r"holds none of \*.ppm; it begins with set/a/1.jpg, set/a/2.jpg"):
        unpack(str(tmp_path / "x.zip"), str(tmp_path / "out"), ["*.ppm"])


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=400), start=st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00"])
)
def test_any_bytes_are_unpacked_or_refused(tmp_path_factory, data, start):
    folder = tmp_path_factory.mktemp("any")
    (folder / "x.zip").write_bytes(start + data)
    with pytest.raises(InputError, match="x.zip"):
        unpack(str(folder / "x.zip"), str(folder / "out"), ["*"])
