import io
import os

import numpy as np
import pytest
import tensorflow_datasets as tfds
from PIL import Image
from toy_files import encoded, picture, stripes, write, write_pairs
from toy_records import DESCRIPTOR, converted

from deeplab_tf2.data.conversion import convert, tfds_metadata
from deeplab_tf2.data.pairing import lists
from deeplab_tf2.data.shard_names import shard_files


def opened(folder, split):
    return list(tfds.builder_from_directory(folder).as_dataset(split=split).as_numpy_iterator())


def test_tfds_opens_the_folder_with_images_masks_names_and_classes(tmp_path):
    folder = converted(tmp_path, {"train": ["b", "a", "c"], "val": ["d"]})
    info = tfds.builder_from_directory(folder).info
    assert {split: info.splits[split].shard_lengths for split in info.splits} == {
        "train": [2, 1],
        "val": [1],
        "trainval": [2, 2],
    }
    assert info.features["image"]["segmentation"]["class"]["encoded"].names == list(DESCRIPTOR.class_names)
    assert info.full_name == "my_set/1.0.0"
    examples = opened(folder, "trainval")
    assert [example["image"]["filename"] for example in examples] == [b"b", b"a", b"c", b"d"]
    for example in examples:
        image = example["image"]
        name = image["filename"].decode()
        file = np.asarray(Image.open(tmp_path / "images" / f"{name}.jpg"))
        assert np.abs(image["encoded"].astype(int) - file).max() <= 8
        np.testing.assert_array_equal(image["segmentation"]["class"]["encoded"][..., 0], stripes())
        assert (image["height"], image["width"], image["channels"]) == (20, 30, 3)


def test_png_and_jpeg_images_may_lie_in_one_split(tmp_path):
    images, _ = write_pairs(tmp_path, ["a"])
    pixels = picture(seed=5)
    write(tmp_path / "images" / "b.png", encoded(pixels))
    folder = str(tmp_path / "records")
    pairs = [lists.Pair(name, f"{images}/{name}", None) for name in ("a.jpg", "b.png")]
    convert.convert({"test": pairs}, folder, DESCRIPTOR)
    first, second = opened(folder, "test")
    assert (first["image"]["format"], second["image"]["format"]) == (b"jpeg", b"png")
    np.testing.assert_array_equal(second["image"]["encoded"], pixels)
    assert "segmentation" not in first["image"]


def test_splits_without_masks_open_beside_those_with(tmp_path):
    folder = converted(tmp_path, {"train": ["a", "b"], "test": ["bare1", "bare2"]})
    masks = {split: [_mask(example) for example in opened(folder, split)] for split in ("train", "test")}
    assert [mask.shape for mask in masks["test"]] == [(0, 0, 0, 1)] * 2
    np.testing.assert_array_equal(masks["train"][0], stripes()[None, ..., None])


def _mask(example):
    return example["image"]["segmentation"]["class"]["encoded"]


def test_skipped_records_are_not_counted(tmp_path):
    write_pairs(tmp_path, ["a", "b", "c", "d"])
    write(tmp_path / "masks" / "b.png", encoded(np.full((20, 30), 9, np.uint8)))
    pairs = [lists.Pair(name, f"{tmp_path}/images/{name}.jpg", f"{tmp_path}/masks/{name}.png") for name in "abcd"]
    folder = str(tmp_path / "records")
    convert.convert({"train": pairs}, folder, DESCRIPTOR, options=convert.Options(num_shards=2, skip_bad=True))
    builder = tfds.builder_from_directory(folder)
    assert builder.info.splits["train"].shard_lengths == [1, 2]
    assert [example["image"]["filename"] for example in opened(folder, "train")] == [b"a", b"c", b"d"]


def test_no_file_but_shards_looks_like_a_shard(tmp_path):
    folder = converted(tmp_path, {"image": ["a", "b"], "val": ["c"]})
    shards = {os.path.basename(path) for paths in shard_files(folder).values() for path in paths}
    for name in set(os.listdir(folder)) - shards:
        assert not name.startswith(("image-", "val-")), name
    assert len(opened(folder, "image")) == 2


def test_metadata_changes_with_its_records(tmp_path, monkeypatch):
    folder = converted(tmp_path, {"train": ["a", "b"]})

    def interrupted(*ignored):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(tfds_metadata, "write", interrupted)
        converted(tmp_path, {"train": ["a", "b", "c"]})
    assert len(opened(folder, "train")) == 2
    converted(tmp_path, {"train": ["a", "b", "c"]})
    assert len(opened(folder, "train")) == 3


def test_bands_open_as_bytes(tmp_path):
    images, _ = write_pairs(tmp_path, ["a"])
    folder = str(tmp_path / "records")
    descriptor = DESCRIPTOR.replace(input_channels=5)
    convert.convert({"train": [lists.Pair("a", f"{images}/a.jpg", None)]}, folder, descriptor)
    (example,) = opened(folder, "train")
    assert Image.open(io.BytesIO(example["image"]["encoded"])).size == (30, 20)
