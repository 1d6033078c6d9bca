"""The classes of public datasets, and records of them without a descriptor."""

import dataclasses

import pytest
import tensorflow as tf
from toy_files import encoded, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.data.known import described, known_dataset, split_found


@pytest.mark.parametrize(
    ("name", "some", "ignore_label"),
    [
        (
            "pascal_voc_seg",
            {0: ("background", (0, 0, 0)), 15: ("person", (192, 128, 128)), 20: ("tvmonitor", (0, 64, 128))},
            255,
        ),
        (
            "cityscapes",
            {0: ("road", (128, 64, 128)), 6: ("traffic light", (250, 170, 30)), 18: ("bicycle", (119, 11, 32))},
            255,
        ),
        (
            "ade20k",
            {1: ("wall", (120, 120, 120)), 45: ("chest of drawers", (6, 51, 255)), 150: ("flag", (92, 0, 255))},
            0,
        ),
    ],
)
def test_names_and_colours(name, some, ignore_label):
    dataset = known_dataset(name)
    assert dataset.name == name and dataset.ignore_label == ignore_label
    for label, (word, color) in some.items():
        assert (dataset.class_names[label], dataset.colors[label]) == (word, color)


def test_how_many_classes():
    assert [known_dataset(name).num_classes for name in ("pascal_voc_seg", "cityscapes", "ade20k")] == [21, 19, 151]


def test_an_unknown_dataset():
    with pytest.raises(InputError, match="'coco' are not known here; known are pascal_voc_seg, cityscapes, ade20k"):
        known_dataset("coco")


def shards(folder, split, examples, files=2, label=True):
    """TFRecords as the official tools write them, with as little in them as any of these does."""
    records = []
    for number in range(examples):
        features = {"image/encoded": encoded(picture(9, 12, number), "JPEG"), "image/format": b"jpg"}
        if label:
            features["image/segmentation/class/encoded"] = encoded(stripes(9, 12))
        values = {
            key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[value])) for key, value in features.items()
        }
        records.append(tf.train.Example(features=tf.train.Features(feature=values)).SerializeToString())
    for shard in range(files):
        with tf.io.TFRecordWriter(f"{folder}/{split}-{shard:05d}-of-{files:05d}.tfrecord") as file:
            for record in records[shard::files]:
                file.write(record)


def test_records_without_a_descriptor_are_those_of_the_dataset_named(tmp_path):
    shards(tmp_path, "train", 5)
    shards(tmp_path, "val", 3, files=3)
    shards(tmp_path, "test", 1, files=1, label=False)
    found = described(str(tmp_path), "pascal_voc_seg")
    assert found.class_names == known_dataset("pascal_voc_seg").class_names
    assert found.splits == {"train": Split(5, 2), "val": Split(3, 3), "test": Split(1, 1, labelled=False)}


def test_a_descriptor_beside_the_records_counts_first(tmp_path):
    shards(tmp_path, "train", 2)
    mine = Descriptor("mine", ("a", "b"), ((0, 0, 0), (9, 9, 9)))
    mine.save(str(tmp_path))
    assert described(str(tmp_path), "cityscapes") == mine == described(str(tmp_path))


@pytest.mark.parametrize(("dataset", "what"), [(None, "is missing"), ("coco", "coco is not known here")])
def test_without_a_known_dataset_the_known_ones_are_listed(tmp_path, dataset, what):
    shards(tmp_path, "train", 2)
    with pytest.raises(InputError, match=f"records of train without .*--dataset.*{what}: known are pascal_voc_seg, c"):
        described(str(tmp_path), dataset)


def test_folders_without_usable_records(tmp_path):
    with pytest.raises(InputError, match="is not a converted dataset"):
        described(str(tmp_path), "cityscapes")
    shards(tmp_path, "train", 4, files=2)
    (tmp_path / "train-00001-of-00002.tfrecord").unlink()
    with pytest.raises(InputError, match="has 1 files of the split 'train', whose names say 2: copy all"):
        described(str(tmp_path), "cityscapes")
    with tf.io.TFRecordWriter(f"{tmp_path}/train-00001-of-00002.tfrecord") as file:
        file.write(b"\xff")
    (tmp_path / "train-00001-of-00002.tfrecord").rename(tmp_path / "train-00000-of-00001.tfrecord")
    (tmp_path / "train-00000-of-00002.tfrecord").unlink()
    with pytest.raises(InputError, match="the first record is no tf.train.Example"):
        described(str(tmp_path), "cityscapes")


def test_names_of_cityscapes_splits():
    street = known_dataset("cityscapes")
    plain = dataclasses.replace(street, splits={"train": Split(1, 1), "val": Split(1, 1)})
    fine = dataclasses.replace(street, splits={"train_fine": Split(1, 1), "train": Split(1, 1)})
    assert [split_found(plain, name) for name in ("train_fine", "val_fine", "train")] == ["train", "val", "train"]
    assert [split_found(fine, name) for name in ("train_fine", "train", "val", "test_fine")] == [
        "train_fine",
        "train",
        "val",
        "test_fine",
    ]
    assert split_found(dataclasses.replace(fine, splits={"val_fine": Split(1, 1)}), "val") == "val_fine"
    voc = dataclasses.replace(known_dataset("pascal_voc_seg"), splits={"train": Split(1, 1)})
    assert split_found(voc, "train_fine") == "train_fine"
