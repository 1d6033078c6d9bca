"""Sharded TFRecords that appear whole or not at all."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
from collections.abc import Iterator
from types import TracebackType

import tensorflow as tf

from deeplab_tf2.config import InputError

WORK_FOLDER = ".converting"

_SHARD = re.compile(r"^(?P<split>[A-Za-z0-9_.]+)-\d{5}-of-\d{5}\.tfrecord$")


def shard_name(split: str, shard: int, shards: int) -> str:
    """The official file name of a shard: train-00000-of-00004.tfrecord."""
    return f"{split}-{shard:05d}-of-{shards:05d}.tfrecord"


def shard_files(folder: str) -> dict[str, list[str]]:
    """The shards in `folder`: split name -> sorted paths."""
    found: dict[str, list[str]] = {}
    for name in sorted(os.listdir(folder)):
        match = _SHARD.match(name)
        if match:
            found.setdefault(match["split"], []).append(os.path.join(folder, name))
    return found


class SplitWriter:
    """Writes the records of one split, in order, as shards of ceil(examples / shards) records.

    Attributes:
        shards: number of files; fewer than asked for where some would be empty.
    """

    def __init__(self, folder: str, split: str, examples: int, shards: int) -> None:
        self._chunk = math.ceil(examples / shards)
        self.shards = math.ceil(examples / self._chunk)
        self._folder, self._split, self._examples = folder, split, examples
        self._written = 0
        self._file: tf.io.TFRecordWriter | None = None

    def write(self, record: bytes) -> None:
        """Appends one serialized example."""
        if self._file is None or self._written % self._chunk == 0:
            self.close()
            name = shard_name(self._split, self._written // self._chunk, self.shards)
            self._file = tf.io.TFRecordWriter(os.path.join(self._folder, name))
        with _explained(self._folder):
            self._file.write(record)
        self._written += 1

    def close(self) -> None:
        """Ends the current shard."""
        if self._file is not None:
            with _explained(self._folder):
                self._file.close()
            self._file = None


@contextlib.contextmanager
def _explained(folder: str) -> Iterator[None]:
    """Turns what TensorFlow raises when a disk is full into words."""
    try:
        yield
    except tf.errors.OpError as error:
        raise InputError(f"{folder} cannot be written ({error.message}); is the disk full?") from error


class Staging:
    """A work folder inside `folder`: what is written there replaces the old records at `commit`, or vanishes.

    Its hidden name matches no `<split>-*`, so that no reader meets half a conversion.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.path = os.path.join(folder, WORK_FOLDER)

    def __enter__(self) -> Staging:
        try:
            os.makedirs(self._folder, exist_ok=True)
            shutil.rmtree(self.path, ignore_errors=True)
            os.mkdir(self.path)
        except OSError as error:
            raise InputError(f"output_dir {self._folder} cannot be written: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def commit(self, descriptor_name: str) -> None:
        """Moves all shards to the output folder, in place of earlier shards of the same splits.

        The old descriptor goes first: at no moment does a descriptor describe shards that are not there.
        """
        described = os.path.join(self._folder, descriptor_name)
        if os.path.exists(described):
            os.remove(described)
        new, old = shard_files(self.path), shard_files(self._folder)
        for path in (path for split in new for path in old.get(split, ())):
            os.remove(path)
        for path in (path for paths in new.values() for path in paths):
            os.replace(path, os.path.join(self._folder, os.path.basename(path)))
