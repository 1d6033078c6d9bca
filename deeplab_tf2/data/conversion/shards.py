"""Shards as units of work: each is written whole, says what it holds, and need not be made twice."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.config import Config, InputError
from deeplab_tf2.data.conversion import writer
from deeplab_tf2.data.conversion.record_maker import Record
from deeplab_tf2.data.conversion.tally import Counter, Tally
from deeplab_tf2.data.pairing.lists import Pair, Problem
from deeplab_tf2.data.shard_names import shard_name


@dataclasses.dataclass(frozen=True)
class Shard:
    """One TFRecord file to be.

    Attributes:
        split: name of its split.
        index: its position among the shards of the split.
        count: how many shards the split has.
        pairs: what it holds, in order.
    """

    split: str
    index: int
    count: int
    pairs: tuple[Pair, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return shard_name(self.split, self.index, self.count)


@dataclasses.dataclass(frozen=True)
class Finished(Config):
    """What a shard that lies on disk says of itself.

    Attributes:
        key: stands for everything that its bytes depend on.
        size: length of the file in bytes.
        tally: what was counted in its records.
        examples: name of each record, and the digest of its image in hexadecimal digits.
        problems: name and complaint of what was left out.
    """

    key: str
    size: int
    tally: Tally
    examples: tuple[tuple[str, str], ...]
    problems: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Finished:
        """The shard that `to_dict` described."""
        listed = {name: tuple(map(tuple, values[name])) for name in ("examples", "problems")}
        return cls(values["key"], values["size"], Tally.from_dict(values["tally"]), **listed)


def plan(splits: Mapping[str, Sequence[Pair]], num_shards: int) -> list[Shard]:
    """The shards of all splits, each of ceil(examples / num_shards) records; fewer where some would be empty."""
    shards = []
    for split, pairs in splits.items():
        chunk = math.ceil(len(pairs) / num_shards)
        count = math.ceil(len(pairs) / chunk)
        shards += [
            Shard(split, index, count, tuple(pairs[index * chunk : (index + 1) * chunk])) for index in range(count)
        ]
    return shards


def key_of(shard: Shard, settings: str) -> str:
    """Stands for what the bytes of a shard depend on: settings, names, and size and time of local files."""
    parts: list[Any] = [settings, shard.name]
    for pair in shard.pairs:
        parts += [pair.name, pair.image, pair.mask, _stamp(pair.image), _stamp(pair.mask)]
    return hashlib.sha256(json.dumps(parts, default=os.fspath).encode()).hexdigest()


def _stamp(path: str | None) -> tuple[int, int] | None:
    try:
        found = os.stat(path) if path and not storage.is_remote(path) else None
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns) if found else None


class Workshop:
    """Writes shards into the folder of a conversion, and knows which are finished.

    Args:
        staging: the folder of the conversion.
        settings: stands for all settings that records depend on.
        skip_bad: whether a shard may lack the pairs that cannot be used.
    """

    def __init__(self, staging: writer.Staging, settings: str, skip_bad: bool) -> None:
        self._staging, self._settings, self._skip_bad = staging, settings, skip_bad

    def finished(self, shard: Shard) -> Finished | None:
        """What an earlier conversion wrote, if nothing has changed since."""
        try:
            found = self.note(shard)
        except InputError:
            return None
        if found.key != key_of(shard, self._settings) or (found.problems and not self._skip_bad):
            return None
        return found if self._staging.has(shard.name, found.size) else None

    def note(self, shard: Shard) -> Finished:
        """What was noted when a shard was written.

        Raises:
            InputError: there is no note, or it is damaged.
        """
        path = self._staging.note_path(shard.name)
        try:
            return Finished.from_dict(json.loads(storage.read(path)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise InputError(f"{path} is damaged: {error}") from error

    def write(self, shard: Shard, outcomes: Iterable[Record | Problem]) -> Finished:
        """Writes a shard and a note about it; with problems that may not be skipped, only the note.

        Args:
            shard: what is written.
            outcomes: the records of its pairs in order, or what is wrong with them; all are taken.
        """
        key = key_of(shard, self._settings)
        counter = Counter()
        examples: list[tuple[str, str]] = []
        problems: list[tuple[str, str]] = []
        with writer.ShardFile(self._staging.path_of(shard.name)) as file:
            for outcome in outcomes:
                if isinstance(outcome, Problem):
                    problems.append((outcome.name, outcome.text))
                    continue
                file.write(outcome.data)
                counter.add(outcome.height, outcome.width, outcome.label_pixels, outcome.moments)
                examples.append((outcome.name, outcome.digest.hex()))
            wanted = self._skip_bad or not problems
            size = file.keep() if wanted else 0
        finished = Finished(key, size, counter.tally(), tuple(examples), tuple(problems))
        storage.write_whole(self._staging.note_path(shard.name), json.dumps(finished.to_dict()).encode())
        return finished
