"""Random access to records, against TensorFlow's own sequential reader."""

import os
import re

import pytest
import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.records import Records, shards


def written(folder):
    storage.make_folder(str(folder))
    for shard in range(3):
        with tf.io.TFRecordWriter(storage.join(str(folder), f"train-{shard:05d}-of-00003.tfrecord")) as writer:
            for item in range(shard * 2):
                writer.write(os.urandom(10 + 1000 * item))
    return folder


@pytest.fixture
def folder(tmp_path):
    return written(tmp_path)


@pytest.mark.parametrize("remote", [False, True])
def test_any_position_equals_the_sequential_reader(tmp_path, remote):
    folder = written(f"ram://{tmp_path.name}/records" if remote else str(tmp_path))
    records = Records(folder, "train")
    sequential = [item.numpy() for item in tf.data.TFRecordDataset(shards(folder, "train"))]
    assert len(records) == len(sequential) == 6
    for position in (5, 0, 3, 3, 1):
        assert records.read(position) == sequential[position]
    mapped = tf.data.Dataset.range(6).map(records.read_op, num_parallel_calls=4)
    assert [item.numpy() for item in mapped] == sequential


def test_a_torn_record_is_named(folder):
    path = folder / "train-00002-of-00003.tfrecord"
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="train-00002-of-00003.tfrecord ends in the middle of record 3"):
        Records(str(folder), "train")


def test_missing_files_are_named(folder):
    (folder / "train-00000-of-99999999999.notes").mkdir()
    with pytest.raises(InputError, match="has 1 of 99999999999 files of the split 'train'; the first that is missing"):
        Records(str(folder), "train")
    (folder / "train-00000-of-99999999999.notes").rmdir()
    (folder / "train-00001-of-00003.tfrecord").unlink()
    with pytest.raises(InputError, match="has 2 of 3 files of the split 'train'; .* train-00001-of-00003: copy"):
        Records(str(folder), "train")


def test_missing_splits_and_folders_are_explained(folder):
    with pytest.raises(InputError, match="no records of the split 'val': it has the splits train"):
        Records(str(folder), "val")
    with pytest.raises(InputError, match="no TFRecords at all"):
        Records(str(folder / "nowhere"), "train")
    (folder / "empty-00000-of-00001.tfrecord").write_bytes(b"")
    with pytest.raises(InputError, match="hold no record"):
        Records(str(folder), "empty")


def test_a_file_that_cannot_be_read_any_more_is_named(folder):
    records = Records(str(folder), "train")
    # A folder opens like a file; reading it fails as a lost disk does.
    opened = os.open(folder, os.O_RDONLY)
    os.dup2(opened, records._files[2])
    os.close(opened)
    why = "train-00002-of-00003.tfrecord: cannot be read (Is a directory)"
    with pytest.raises(InputError, match=re.escape(why)):
        records.read(5)
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(why)):
        list(tf.data.Dataset.range(6).map(records.read_op))
