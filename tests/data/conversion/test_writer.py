import os
import resource

import pytest
import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.conversion import writer

SHARD = "train-00000-of-00001.tfrecord"


def write_one(folder, record, name=SHARD):
    with writer.ShardFile(storage.join(folder, name)) as file:
        file.write(record)
        return file.keep()


def records(folder, name=SHARD):
    return list(tf.data.TFRecordDataset(storage.join(folder, name)).as_numpy_iterator())


@pytest.fixture(params=["local", "ram"])
def folder(request, tmp_path):
    return str(tmp_path / "out") if request.param == "local" else f"ram://{tmp_path.name}/out"


def test_nothing_is_seen_before_the_commit(folder):
    with writer.Staging(folder) as staging:
        size = write_one(staging.path, b"new")
        assert storage.names(folder) == [writer.WORK_FOLDER]
        assert staging.has(SHARD, size) and not staging.has(SHARD, size + 1)
        staging.commit(["train"], [SHARD], ["descriptor.json"])
        assert staging.has(SHARD, size)
    assert storage.names(folder) == [SHARD]
    assert records(folder) == [b"new"]


def test_a_file_that_is_not_kept_is_dropped(tmp_path):
    with pytest.raises(RuntimeError), writer.ShardFile(str(tmp_path / SHARD)) as file:
        file.write(b"half")
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_an_error_leaves_the_folder_as_it_was(folder):
    storage.make_folder(folder)
    write_one(folder, b"old")
    storage.write_whole(storage.join(folder, "descriptor.json"), b"{}")
    with pytest.raises(InputError), writer.Staging(folder) as staging:
        write_one(staging.path, b"new")
        raise InputError("bad")
    assert storage.names(folder) == ["descriptor.json", SHARD]
    assert records(folder) == [b"old"]


def test_what_was_interrupted_stays_to_be_resumed(folder):
    with pytest.raises(KeyboardInterrupt), writer.Staging(folder) as staging:
        size = write_one(staging.path, b"new")
        raise KeyboardInterrupt
    with pytest.raises(InputError), writer.Staging(folder, resume=True) as staging:
        assert staging.found and staging.has(SHARD, size)
        raise InputError("a bad file, to be mended before the next try")
    with writer.Staging(folder) as staging:
        assert staging.found and not staging.has(SHARD, size)
    with writer.Staging(folder) as staging:
        assert not staging.found


def test_commit_replaces_the_same_split_only_and_drops_the_descriptor(tmp_path):
    for name in (
        "train-00000-of-00002.tfrecord",
        "train-00001-of-00002.tfrecord",
        "val-00000-of-00001.tfrecord",
    ):
        (tmp_path / name).touch()
    for name in ("descriptor.json", "notes.txt"):
        (tmp_path / name).touch()
    with writer.Staging(str(tmp_path)) as staging:
        write_one(staging.path, b"new")
        staging.commit(["train"], [SHARD], ["descriptor.json"])
    assert sorted(os.listdir(tmp_path)) == ["notes.txt", SHARD, "val-00000-of-00001.tfrecord"]


def test_an_interrupted_commit_is_completed(tmp_path):
    """The first shard came to its place, the second did not; a third of an older conversion is still there."""
    names = [f"train-0000{shard}-of-00002.tfrecord" for shard in (0, 1)]
    (tmp_path / SHARD).touch()
    with writer.Staging(str(tmp_path), resume=True) as staging:
        write_one(str(tmp_path), b"new 0", names[0])
        write_one(staging.path, b"new 1", names[1])
        assert staging.where(names[0]) == str(tmp_path / names[0])
        staging.commit(["train"], names, [])
    assert sorted(os.listdir(tmp_path)) == names
    assert [records(str(tmp_path), name) for name in names] == [[b"new 0"], [b"new 1"]]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match="output_dir .*cannot be written"),
        writer.Staging(str(tmp_path / "file")),
    ):
        pass


def test_a_full_disk_is_said_in_words(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    try:
        with pytest.raises(InputError, match="is the disk full"):
            write_one(str(tmp_path), bytes(400_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
