"""Files of records that appear whole or not at all, and the folder in which a conversion makes them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterable, Sequence
from types import TracebackType

import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.shard_names import shard_files

WORK_FOLDER = ".converting"

_NOTES = "notes"


class ShardFile:
    """A TFRecord file under a hidden name until it is kept; dropped when it is not.

    Args:
        path: where it will lie.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        folder, name = storage.split(path)
        self._hidden = storage.join(folder, f".{name}.{os.getpid()}.tmp")

    def __enter__(self) -> ShardFile:
        with storage.explained(self._path, "written"):
            self._writer = tf.io.TFRecordWriter(self._hidden)
        return self

    def write(self, record: bytes) -> None:
        """Appends one serialized example."""
        with storage.explained(self._path, "written"):
            self._writer.write(record)

    def keep(self) -> int:
        """Ends the file and gives it its name; returns its length in bytes."""
        with storage.explained(self._path, "written"):
            self._writer.close()
        size = storage.size(self._hidden)
        storage.rename(self._hidden, self._path)
        return size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What went wrong before is what the user should read.
        with contextlib.suppress(InputError, tf.errors.OpError):
            self._writer.close()
            storage.remove(self._hidden)


class Staging:
    """A work folder inside `folder`: what is made there replaces the old records at `commit`.

    Its hidden name matches no `<split>-*`, so that no reader meets half a conversion. A conversion that is
    interrupted leaves it behind, to be continued; one that fails takes it away.

    Args:
        folder: folder of the records; made if missing.
        resume: whether to go on with what an interrupted conversion left, and to leave it when this one fails.

    Attributes:
        path: the work folder.
        found: whether an interrupted conversion had left one.
    """

    def __init__(self, folder: str, resume: bool = False) -> None:
        self._folder, self._resume = folder, resume
        self.path = storage.join(folder, WORK_FOLDER)
        self.found = False

    def __enter__(self) -> Staging:
        try:
            self.found = storage.is_folder(self.path)
            if not self._resume:
                storage.remove_folder(self.path)
            storage.make_folder(storage.join(self.path, _NOTES))
        except InputError as error:
            raise InputError(f"output_dir {self._folder} cannot be written: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        if not interrupted and not (kind and self._resume):
            storage.remove_folder(self.path)

    def path_of(self, name: str) -> str:
        """Where a file of this conversion is made."""
        return storage.join(self.path, name)

    def note_path(self, name: str) -> str:
        """Where the note about a finished shard lies."""
        return storage.join(self.path, _NOTES, f"{name}.json")

    def has(self, name: str, size: int) -> bool:
        """Whether a finished file lies here, or has come to the output folder when a commit was interrupted."""
        return any(storage.is_file(path) and storage.size(path) == size for path in self._places(name))

    def where(self, name: str) -> str:
        """The path of a finished file."""
        return next(path for path in self._places(name) if storage.is_file(path))

    def _places(self, name: str) -> tuple[str, str]:
        return self.path_of(name), storage.join(self._folder, name)

    def commit(self, splits: Iterable[str], shards: Collection[str], descriptions: Sequence[str]) -> None:
        """Moves all that was made to the output folder, the shards in place of earlier ones of the same splits.

        What describes the old shards goes first, and what describes the new ones comes last: at no moment does a
        description tell of shards that are not there.

        Args:
            splits: the splits that are replaced.
            shards: the file names of all new shards.
            descriptions: files that tell of shards; of those that were made here, these are moved last, in order.
        """
        for name in descriptions:
            storage.remove(storage.join(self._folder, name))
        # Hidden are files that a killed process did not end.
        made = {name for name in storage.names(self.path) if name != _NOTES and not name.startswith(".")}
        old = shard_files(self._folder)
        for path in (path for split in splits for path in old.get(split, ())):
            name = storage.split(path)[1]
            # One that was made but is here no more came to its place before.
            if name in made or name not in shards:
                storage.remove(path)
        last = [name for name in descriptions if name in made]
        for name in (*sorted(made - set(last)), *last):
            storage.rename(self.path_of(name), storage.join(self._folder, name))
