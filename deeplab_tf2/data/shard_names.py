"""The names of the files in which the records of a split lie."""

from __future__ import annotations

import re

from deeplab_tf2 import storage

_SHARD = re.compile(r"^(?P<split>[A-Za-z0-9_.]+)-\d{5}-of-\d{5}\.tfrecord$")


def shard_name(split: str, shard: int, shards: int) -> str:
    """The official file name of a shard: train-00000-of-00004.tfrecord."""
    return f"{split}-{shard:05d}-of-{shards:05d}.tfrecord"


def shard_files(folder: str) -> dict[str, list[str]]:
    """The shards in `folder`: split name -> sorted paths."""
    found: dict[str, list[str]] = {}
    for name in storage.names(folder):
        match = _SHARD.match(name)
        if match:
            found.setdefault(match["split"], []).append(storage.join(folder, name))
    return found
