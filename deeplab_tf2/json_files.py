"""JSON objects in files, on every file system of `storage`."""

from __future__ import annotations

import json
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.settings import InputError, check


def write_json(path: str, value: Any) -> str:
    """Writes `value` as JSON so that `path` is whole at every moment; returns `path`."""
    return storage.write_whole(path, f"{json.dumps(value, indent=1)}\n".encode())


def read_json(path: str, what: str) -> dict[str, Any]:
    """Reads a JSON object that belongs to `what`.

    Raises:
        InputError: the file is missing or is no JSON object; the message lists what the folder holds.
    """
    if not storage.is_file(path):
        folder, name = storage.split(path)
        found = ", ".join(storage.names(folder)[:8]) if storage.is_folder(folder) else "no such folder"
        raise InputError(f"{folder} is not {what}: it has no {name} (found: {found or 'nothing'})")
    try:
        value = json.loads(storage.read(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged: {error}") from error
    check(isinstance(value, dict), f"{path} must hold a JSON object")
    return value
