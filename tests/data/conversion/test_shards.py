"""Shards are planned, written whole, and not made twice."""

import os

import pytest
import tensorflow as tf
from toy_files import write_pairs

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import shards, writer
from deeplab_tf2.data.conversion.record_maker import RecordMaker
from deeplab_tf2.data.files.masks import MaskReader
from deeplab_tf2.data.pairing.lists import Pair, Problem, pair_files
from deeplab_tf2.pictures.palettes import default_colors


@pytest.mark.parametrize(
    ("examples", "count", "sizes"),
    [(8, 4, [2, 2, 2, 2]), (10, 4, [3, 3, 3, 1]), (5, 4, [2, 2, 1]), (2, 4, [1, 1])],
)
def test_shards_are_contiguous_chunks_and_never_empty(examples, count, sizes):
    pairs = [Pair(str(number), "", None) for number in range(examples)]
    planned = shards.plan({"train": pairs, "val": pairs[:1]}, count)
    assert [shard.name for shard in planned] == [
        *(f"train-{index:05d}-of-{len(sizes):05d}.tfrecord" for index in range(len(sizes))),
        "val-00000-of-00001.tfrecord",
    ]
    assert [len(shard.pairs) for shard in planned[:-1]] == sizes
    assert [pair for shard in planned[:-1] for pair in shard.pairs] == pairs


@pytest.fixture
def shard(tmp_path):
    pairs = pair_files(*write_pairs(tmp_path, ["a", "b"]), validation_share=0).splits["train"]
    return shards.Shard("train", 0, 1, pairs)


def outcomes(shard):
    maker = RecordMaker(Descriptor("toy", ("x", "y", "z"), default_colors(3)), MaskReader())
    return [maker.outcome(pair) for pair in shard.pairs]


def test_a_finished_shard_is_known_again(tmp_path, shard):
    with writer.Staging(str(tmp_path / "out")) as staging:
        workshop = shards.Workshop(staging, "settings", skip_bad=False)
        assert workshop.finished(shard) is None
        finished = workshop.write(shard, outcomes(shard))
        assert [name for name, _ in finished.examples] == ["a", "b"] and finished.tally.examples == 2
        assert workshop.finished(shard) == finished
        assert len(list(tf.data.TFRecordDataset(staging.path_of(shard.name)))) == 2
        assert shards.Workshop(staging, "others", skip_bad=False).finished(shard) is None
        renamed = Pair("c", shard.pairs[0].image, shard.pairs[0].mask)
        assert workshop.finished(shards.Shard("train", 0, 1, (renamed, shard.pairs[1]))) is None
        os.utime(shard.pairs[1].mask, (1, 1))
        assert workshop.finished(shard) is None


def test_a_damaged_shard_or_note_is_made_again(tmp_path, shard):
    with writer.Staging(str(tmp_path / "out")) as staging:
        workshop = shards.Workshop(staging, "", skip_bad=False)
        workshop.write(shard, outcomes(shard))
        os.truncate(staging.path_of(shard.name), 10)
        assert workshop.finished(shard) is None
        workshop.write(shard, outcomes(shard))
        for text in ("", "[]", "{}", '{"key": 1, "size": 2, "tally": {"examples": "x"}, "examples": 3, "problems": 4}'):
            with open(staging.note_path(shard.name), "w") as file:
                file.write(text)
            assert workshop.finished(shard) is None


def test_problems_are_left_out_only_where_that_is_wanted(tmp_path, shard):
    bad = [outcomes(shard)[0], Problem("b", "b.png: broken")]
    with writer.Staging(str(tmp_path / "out")) as staging:
        strict, lenient = (shards.Workshop(staging, "", skip_bad) for skip_bad in (False, True))
        assert strict.write(shard, bad).problems == (("b", "b.png: broken"),)
        assert not os.path.exists(staging.path_of(shard.name)) and strict.finished(shard) is None
        finished = lenient.write(shard, bad)
        assert (finished.tally.examples, finished.problems) == (1, (("b", "b.png: broken"),))
        assert lenient.finished(shard) == finished and strict.finished(shard) is None
