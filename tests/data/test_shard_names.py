"""Shards are told by their names."""

from deeplab_tf2.data.shard_names import shard_files, shard_name


def test_shard_files_of_one_split_are_not_those_of_another(tmp_path):
    for name in ("train-00000-of-00001.tfrecord", "trainval-00000-of-00001.tfrecord", "train-extra.tfrecord"):
        (tmp_path / name).touch()
    assert {split: len(paths) for split, paths in shard_files(str(tmp_path)).items()} == {
        "train": 1,
        "trainval": 1,
    }


def test_names_are_the_official_ones():
    assert shard_name("train_fine", 3, 10) == "train_fine-00003-of-00010.tfrecord"
