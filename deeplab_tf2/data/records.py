"""Random access to the records of a split, so that a run can start at any sample without reading those before it."""

from __future__ import annotations

import itertools
import os
import re
import struct
import weakref
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError

# A TFRecord is: length (uint64), checksum of the length (uint32), data, checksum of the data (uint32).
_HEADER = struct.Struct("<QI")
_FOOTER_BYTES = 4


class Records:
    """The records of one split, by position.

    Args:
        folder: folder with files `<split>-*`.
        split: name of the split.
        paths: its files in order, where they have other names.

    Raises:
        InputError: there are no such files, they hold no record, or one ends in the middle of a record.
    """

    def __init__(self, folder: str, split: str, paths: Sequence[str] | None = None) -> None:
        self.paths = shards(folder, split) if paths is None else list(paths)
        spans = [_scan(path) for path in self.paths]
        self._shard = np.repeat(np.arange(len(spans)), [len(span) for span in spans])
        self._span = np.concatenate(spans)
        self._files = [None if storage.is_remote(path) else os.open(path, os.O_RDONLY) for path in self.paths]
        weakref.finalize(self, _close, self._files)
        if not len(self):
            raise InputError(f"the files {self.paths[0]} ... hold no record: convert the split {split!r} again")

    def __len__(self) -> int:
        return len(self._span)

    def read(self, position: int) -> bytes:
        """The serialized record at `position`.

        Raises:
            InputError: its file cannot be read any more.
        """
        offset, length = map(int, self._span[position])
        shard = self._shard[position]
        path, file = self.paths[shard], self._files[shard]
        if file is None:
            return storage.read_part(path, offset, length)
        with storage.explained(path, "read"):
            return os.pread(file, length, offset)

    def read_op(self, position: tf.Tensor) -> tf.Tensor:
        """`read` as an operation for `tf.data`: int64 [] to string []."""
        record = tf.numpy_function(self.read, [position], tf.string, stateful=False)
        return tf.ensure_shape(record, [])


def _close(files: Sequence[int | None]) -> None:
    for file in files:
        if file is not None:
            os.close(file)


def shards(folder: str, split: str) -> list[str]:
    """The TFRecord files of a split, in order.

    Raises:
        InputError: there are none, and the message lists the splits there are; or some are missing.
    """
    names = storage.names(folder)
    paths = [storage.join(folder, name) for name in names if name.startswith(f"{split}-")]
    if not paths:
        found = sorted({name.rsplit("-", 3)[0] for name in names if name.endswith(".tfrecord")})
        what = f"it has the splits {', '.join(found)}" if found else "it has no TFRecords at all"
        raise InputError(f"{folder or '(no folder given)'} has no records of the split {split!r}: {what}")
    _check_complete(folder, split, names)
    return paths


def _check_complete(folder: str, split: str, names: Sequence[str]) -> None:
    numbered = re.compile(rf"{re.escape(split)}-(\d+)-of-(\d+)(\.\w+)*")
    there: dict[int, set[int]] = {}
    for found in filter(None, map(numbered.fullmatch, names)):
        there.setdefault(int(found[2]), set()).add(int(found[1]))
    for count, numbers in there.items():
        missing = next(number for number in itertools.count() if number not in numbers)
        if missing < count:
            raise InputError(
                f"{folder} has {len(numbers)} of {count} files of the split {split!r}; the first that is missing is "
                f"{split}-{missing:05d}-of-{count:05d}: copy the missing ones, or convert again"
            )


def _scan(path: str) -> np.ndarray:
    """Offset and length of the data of each record, int64 [records, 2]."""
    spans: list[tuple[int, int]] = []
    size = storage.size(path)
    position = 0
    with storage.opened(path) as file:
        while position < size:
            file.seek(position)
            header = file.read(_HEADER.size)
            length = _HEADER.unpack(header)[0] if len(header) == _HEADER.size else size
            start = position + _HEADER.size
            position = start + length + _FOOTER_BYTES
            if position > size:
                raise InputError(f"{path} ends in the middle of record {len(spans)}: copy or convert it again")
            spans.append((start, length))
    return np.array(spans, dtype=np.int64).reshape(-1, 2)
