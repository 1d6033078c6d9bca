"""Finished shards become a dataset."""

import os

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog, schema
from deeplab_tf2.data.conversion import assembly, shards, writer
from deeplab_tf2.data.conversion.record_maker import Record
from deeplab_tf2.data.pairing.lists import Pair, Problem
from deeplab_tf2.pictures.palettes import default_colors

DESCRIPTOR = catalog.Descriptor("toy", ("good", "bad"), default_colors(2))


def record(name, **pixels):
    counts = np.zeros(256, np.int64)
    for label, count in pixels.items():
        counts[int(label[1:])] = count
    data = schema.encode(image=b"i", filename=name, image_format="png", height=2, width=3, label=b"l")
    return Record(name, data, name.encode(), 2, 3, counts, None)


def assembled(folder, splits, outcomes, union=None, num_shards=2, descriptor=DESCRIPTOR):
    with writer.Staging(str(folder)) as staging:
        workshop = shards.Workshop(staging, "", skip_bad=True)
        planned = shards.plan(
            {split: [Pair(n, "", None) for n in names] for split, names in splits.items()}, num_shards
        )
        done = {shard: workshop.write(shard, [outcomes[pair.name] for pair in shard.pairs]) for shard in planned}
        order = [*splits, union] if union else list(splits)
        return assembly.assemble(done, staging, descriptor, order, union, num_shards)


def names(folder, split):
    paths = sorted(str(path) for path in folder.glob(f"{split}-*"))
    return [schema.parse(item)["filename"].numpy().decode() for item in tf.data.TFRecordDataset(paths)]


def test_a_union_is_made_of_the_records_of_its_parts(tmp_path):
    outcomes = {name: record(name, _0=4, _1=2) for name in "abcde"} | {"c": Problem("c", "c.png: broken")}
    described = assembled(tmp_path, {"val": "de", "train": "abc"}, outcomes, union="trainval", num_shards=3)
    assert names(tmp_path, "trainval") == list("abde")
    assert described == catalog.load_descriptor(str(tmp_path))
    assert list(described.splits) == ["val", "train", "trainval"]
    both = described.split("trainval")
    assert (both.examples, both.shards, both.class_pixels, both.class_images) == (4, 2, (16, 8), (4, 4))
    assert not (tmp_path / writer.WORK_FOLDER).exists()


def test_a_split_of_nothing_is_refused(tmp_path):
    outcomes = {"a": record("a", _0=6), "b": Problem("b", "b.png: broken")}
    with pytest.raises(InputError, match="no image of split val can be used; all are in problems.csv"):
        assembled(tmp_path, {"train": "a", "val": "b"}, outcomes)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("pixels", "asked"), [({"_0": 5, "_255": 1}, True), ({"_0": 4, "_1": 1, "_255": 1}, False)])
def test_0_and_255_alone_are_a_question(tmp_path, pixels, asked):
    splits, outcomes = {"train": "a"}, {"a": record("a", **pixels)}
    if not asked:
        assert assembled(tmp_path, splits, outcomes).split("train").ignored_pixels == 1
        return
    for count in (2, 3):
        names = ("good", "bad", "worse")[:count]
        with pytest.raises(InputError, match="holds 0 and 255 only: .* that bad never occurs.*--binary_masks"):
            assembled(tmp_path, splits, outcomes, descriptor=catalog.Descriptor("toy", names, default_colors(count)))
