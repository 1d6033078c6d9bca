"""Archives of checkpoints: what is unpacked, and what is refused."""

import os
import pathlib

import pytest
from tf1_files import write_archive

from deeplab_tf2.checkpoints.archive import check_archive, is_archive, unpack
from deeplab_tf2.config import InputError


def unpacked(tmp_path, members, **limits):
    folder = tmp_path / "out" / "inner"
    folder.mkdir(parents=True)
    assert unpack(write_archive(tmp_path / "x.tar.gz", members), str(folder), **limits) == str(folder)
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


def test_the_checkpoint_alone_is_unpacked(tmp_path):
    members = {
        "net/frozen_inference_graph.pb": b"graph",
        "net/model.ckpt-30.index": b"index",
        "net/model.ckpt-30.data-00000-of-00001": b"data",
        "net/._model.ckpt-30.index": b"shadow",
        "net/model.ckpt-30.meta": b"meta",
        "other/model.ckpt-40.index": b"of another folder",
        "net/README": b"text",
    }
    assert unpacked(tmp_path, members) == {
        "model.ckpt-30.data-00000-of-00001": b"data",
        "model.ckpt-30.index": b"index",
    }


def test_without_a_checkpoint_the_frozen_graph_is(tmp_path):
    members = {"net/frozen_inference_graph.pb": b"graph", "net/net.tflite": b"lite"}
    assert unpacked(tmp_path, members) == {"frozen_inference_graph.pb": b"graph"}


@pytest.mark.parametrize("evil", ["../../evil.index", "/evil.index", "..\\..\\evil.index", "a/../../../evil.index"])
def test_no_path_escapes(tmp_path, evil):
    assert unpacked(tmp_path, {evil: b"x"}) == {"evil.index": b"x"}
    assert not list(tmp_path.glob("evil*")) and not list((tmp_path / "out").glob("evil*"))


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(InputError, match="neither a checkpoint"):
        unpacked(tmp_path, {"model.ckpt.index": str(tmp_path / "secret")})


def test_what_is_too_large_is_refused_before_it_is_written(tmp_path):
    with pytest.raises(InputError, match="unpacks to more than 1000 bytes"):
        unpacked(tmp_path, {"notes": bytes(900), "model.ckpt.index": bytes(200)}, size_limit=1000)
    assert not list((tmp_path / "out" / "inner").iterdir())


def test_a_cut_or_foreign_file_is_refused(tmp_path):
    whole = write_archive(tmp_path / "x.tar.gz", {"model.ckpt.index": os.urandom(50_000)})
    check_archive(whole)
    content = pathlib.Path(whole).read_bytes()
    for name, part in (("cut.tar.gz", content[: len(content) // 2]), ("page.tar.gz", b"<html>not found</html>")):
        (tmp_path / name).write_bytes(part)
        with pytest.raises(InputError, match="no whole archive"):
            check_archive(str(tmp_path / name))
        (tmp_path / f"{name}.out").mkdir()
        with pytest.raises(InputError, match="cannot be unpacked .* download it again"):
            unpack(str(tmp_path / name), str(tmp_path / f"{name}.out"))


def test_an_archive_of_other_things_says_what_it_holds(tmp_path):
    with pytest.raises(InputError, match=r"neither a checkpoint .* nor a frozen graph \(.pb\): images/1.jpg"):
        check_archive(write_archive(tmp_path / "x.tar", {"images/1.jpg": b"x"}))
    assert is_archive("a/b.tar.gz") and is_archive("b.tgz") and not is_archive("model.ckpt-3")
