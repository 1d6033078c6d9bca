import os
import resource

import pytest
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data import writer


@pytest.mark.parametrize(
    ("examples", "shards", "sizes"),
    [(8, 4, [2, 2, 2, 2]), (10, 4, [3, 3, 3, 1]), (5, 4, [2, 2, 1]), (2, 4, [1, 1])],
)
def test_shards_are_contiguous_chunks_and_never_empty(tmp_path, examples, shards, sizes):
    split = writer.SplitWriter(str(tmp_path), "train", examples, shards)
    for number in range(examples):
        split.write(b"%d" % number)
    split.close()
    assert split.shards == len(sizes)
    paths = writer.shard_files(str(tmp_path))["train"]
    assert [os.path.basename(path) for path in paths] == [
        f"train-{shard:05d}-of-{len(sizes):05d}.tfrecord" for shard in range(len(sizes))
    ]
    records = [[int(record.numpy()) for record in tf.data.TFRecordDataset(path)] for path in paths]
    assert [len(shard) for shard in records] == sizes
    assert sum(records, []) == list(range(examples))


def test_shard_files_of_one_split_are_not_those_of_another(tmp_path):
    for name in ("train-00000-of-00001.tfrecord", "trainval-00000-of-00001.tfrecord", "train-extra.tfrecord"):
        (tmp_path / name).touch()
    assert {split: len(paths) for split, paths in writer.shard_files(str(tmp_path)).items()} == {
        "train": 1,
        "trainval": 1,
    }


def write_one(folder, split, record):
    target = writer.SplitWriter(folder, split, 1, 1)
    target.write(record)
    target.close()


def test_nothing_is_seen_before_the_commit(tmp_path):
    with writer.Staging(str(tmp_path)) as staging:
        write_one(staging.path, "train", b"new")
        assert os.listdir(tmp_path) == [writer.WORK_FOLDER]
        staging.commit("descriptor.json")
    assert os.listdir(tmp_path) == ["train-00000-of-00001.tfrecord"]


def test_an_error_leaves_the_folder_as_it_was(tmp_path):
    write_one(str(tmp_path), "train", b"old")
    (tmp_path / "descriptor.json").write_text("{}")
    with pytest.raises(KeyboardInterrupt), writer.Staging(str(tmp_path)) as staging:
        write_one(staging.path, "train", b"new")
        raise KeyboardInterrupt
    assert sorted(os.listdir(tmp_path)) == ["descriptor.json", "train-00000-of-00001.tfrecord"]
    record = next(iter(tf.data.TFRecordDataset(str(tmp_path / "train-00000-of-00001.tfrecord"))))
    assert record.numpy() == b"old"


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
        write_one(staging.path, "train", b"new")
        staging.commit("descriptor.json")
    assert sorted(os.listdir(tmp_path)) == [
        "notes.txt",
        "train-00000-of-00001.tfrecord",
        "val-00000-of-00001.tfrecord",
    ]


def test_leftovers_of_a_killed_conversion_go(tmp_path):
    (tmp_path / writer.WORK_FOLDER).mkdir()
    (tmp_path / writer.WORK_FOLDER / "train-00000-of-00001.tfrecord").touch()
    with writer.Staging(str(tmp_path)) as staging:
        assert os.listdir(staging.path) == []


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
            write_one(str(tmp_path), "train", bytes(400_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
