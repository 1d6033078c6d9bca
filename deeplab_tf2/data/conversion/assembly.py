"""From finished shards to a dataset: the split that joins two others, what describes them, and the commit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.data import catalog
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion import problem_report, tally, tfds_metadata, writer
from deeplab_tf2.data.conversion.shards import Finished, Shard
from deeplab_tf2.data.conversion.tfds_metadata import ShardFile
from deeplab_tf2.data.conversion.writer import Staging
from deeplab_tf2.data.shard_names import shard_name

# The parts of a union, in its order.
_PARTS = ("train", "val")


def assemble(
    done: Mapping[Shard, Finished],
    staging: Staging,
    descriptor: Descriptor,
    order: Sequence[str],
    union: str | None,
    num_shards: int,
) -> Descriptor:
    """Brings finished shards to the output folder, with what describes them.

    Args:
        done: all shards of the conversion.
        staging: the folder where they were made.
        descriptor: what is said of the dataset.
        order: names of all splits, in the order of the descriptor.
        union: the split that is "train" followed by "val", if it is to be made of their shards.
        num_shards: files of the union.

    Returns:
        The descriptor with what the splits hold.

    Raises:
        InputError: a split holds nothing, or black and white masks were taken for labels.
    """
    tallies: dict[str, list[tally.Tally]] = {}
    files: dict[str, list[ShardFile]] = {}
    for shard, finished in done.items():
        tallies.setdefault(shard.split, []).append(finished.tally)
        files.setdefault(shard.split, []).append(ShardFile(shard.name, finished.tally.examples, finished.size))
    counted = {split: tally.total(parts) for split, parts in tallies.items()}
    empty = [split for split, found in counted.items() if not found.examples]
    if empty:
        raise InputError(f"no image of split {', '.join(empty)} can be used; all are in {problem_report.FILE_NAME}")
    _ask_about_binary(tally.total(counted.values()), descriptor)
    if union:
        files[union] = _write_union(staging, union, [file for split in _PARTS for file in files[split]], num_shards)
        counted[union] = tally.total(counted[split] for split in _PARTS)
    classes, ignored = descriptor.num_classes, descriptor.ignore_label
    splits = {split: tally.split_of(counted[split], len(files[split]), classes, ignored) for split in order}
    described = descriptor.replace(splits=splits)
    described.save(staging.path)
    tfds_metadata.write(staging.path, described, {split: files[split] for split in order})
    shards = [file.name for found in files.values() for file in found]
    staging.commit(order, shards, (tfds_metadata.FILE_NAME, catalog.FILE_NAME))
    return described


def _write_union(staging: Staging, union: str, parts: Sequence[ShardFile], num_shards: int) -> list[ShardFile]:
    """Copies the records of some shards into those of the union."""
    records = tf.data.TFRecordDataset([staging.where(file.name) for file in parts]).as_numpy_iterator()
    count = sum(file.examples for file in parts)
    chunk = -(-count // num_shards)
    shards = -(-count // chunk)
    made = []
    for index in range(shards):
        name = shard_name(union, index, shards)
        with writer.ShardFile(staging.path_of(name)) as file:
            for record in itertools.islice(records, chunk):
                file.write(record)
            made.append(ShardFile(name, min(chunk, count - index * chunk), file.keep()))
    return made


def _ask_about_binary(counted: tally.Tally, descriptor: Descriptor) -> None:
    """Refuses classes of which only 0 and an ignored 255 occur: most likely 255 is the second class."""
    if descriptor.num_classes < 2 or descriptor.ignore_label != 255:
        return
    if np.flatnonzero(counted.pixels).tolist() == [0, 255]:
        raise InputError(
            f"every mask holds 0 and 255 only: 255 is ignored, so that {descriptor.class_names[1]} never occurs. If the"
            " masks are black and white pictures of two classes, name these two and say --binary_masks"
        )
