"""The checkpoints of a run: one Keras weights file a step, with all that a run needs to go on, whole or not there.

Behind the HDF5 file that Keras writes and reads stand 8 bytes that say so and a digest of all bytes before them: damage
is found before HDF5 sees it. What callbacks carry over a stop is JSON in the dataset `deeplab_tf2/state`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import h5py

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError

_NAME = "model-{step:08d}.weights.h5"
_PATTERN = re.compile(r"^model-(\d{8,})\.weights\.h5$")
_DAMAGED = ".damaged"
_STATE = "deeplab_tf2/state"
_MARK = b"\n#blake2b"
_DIGEST = 32
_NOTE_SIZE = len(_MARK) + _DIGEST


class _Memory(io.BytesIO):
    """A file in memory that Keras takes for a weights file: HDF5 itself breaks in many words where a disk is full."""

    def __str__(self) -> str:
        return "memory.weights.h5"


def steps(folder: str) -> list[int]:
    """The steps that have a checkpoint in `folder`, in order."""
    return sorted(int(match[1]) for name in storage.names(folder) if (match := _PATTERN.match(name)))


def path_of(folder: str, step: int) -> str:
    """Path of the checkpoint of a step."""
    return os.path.join(folder, _NAME.format(step=step))


def save(
    model: Any,
    folder: str,
    step: int,
    keep: int = 5,
    state: Mapping[str, Any] | None = None,
    protect: Collection[int] = (),
) -> str:
    """Writes a checkpoint and removes the oldest beyond `keep`.

    Args:
        model: a built model, compiled if its optimizer is to be continued.
        folder: folder of the run.
        step: number of optimizer steps done.
        keep: number of checkpoints that stay.
        state: JSON values that `state_of` gives back.
        protect: steps whose checkpoints stay, however old.

    Returns:
        Path of the new checkpoint.

    Raises:
        InputError: it cannot be written; those before it are as they were.
    """
    path = path_of(folder, step)
    try:
        data = _encoded(model, state or {})
    except MemoryError as error:
        raise InputError(
            f"the checkpoint of step {step} was not saved: there is no memory for a copy of it. {_still_good(folder)}: "
            "free some, and give the same command again"
        ) from error
    try:
        storage.write_whole(path, data)
    except InputError as error:
        raise InputError(
            f"the checkpoint of step {step} ({len(data) / 1e6:.1f} MB) was not saved: {error}. {_still_good(folder)}: "
            "where the disk is full, make room, for example by a smaller --keep, and give the same command again"
        ) from error
    prune(folder, keep, {step, *protect})
    return path


def prune(folder: str, keep: int, protect: Collection[int] = ()) -> None:
    """Removes the oldest checkpoints beyond `keep`, but none of the steps in `protect`."""
    for old in steps(folder)[:-keep]:
        if old not in protect:
            os.remove(path_of(folder, old))


def _encoded(model: Any, state: Mapping[str, Any]) -> bytes:
    memory = _Memory()
    model.save_weights(memory)
    with h5py.File(memory, "r+") as file:
        file[_STATE] = json.dumps(state)
    memory.seek(0, io.SEEK_END)
    memory.write(_MARK + _digest(memory.getbuffer()))
    return memory.getvalue()


def _digest(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()


def _still_good(folder: str) -> str:
    found = steps(folder)
    return f"The checkpoint of step {found[-1]} is still good" if found else "There is no earlier checkpoint"


def damage(path: str) -> str | None:
    """What is wrong with a checkpoint, in a few words; None for a good one.

    A file that another program wrote has no digest: it only has to be a whole HDF5 file.
    """
    data = memoryview(storage.read(path))
    if len(data) == 0:
        return "it is empty"
    if data[-_NOTE_SIZE:-_DIGEST] == _MARK:
        return None if _digest(data[:-_NOTE_SIZE]) == data[-_DIGEST:] else "its bytes are not those that were written"
    try:
        with h5py.File(path) as file:
            return "its end is missing" if _STATE in file else None
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        return _first_line(error)


def state_of(path: str) -> dict[str, Any]:
    """The state that a checkpoint was saved with; nothing if it was written without one."""
    with h5py.File(path) as file:
        return json.loads(file[_STATE][()]) if _STATE in file else {}


def check(path: str, what: str) -> None:
    """Refuses a damaged weights file; `what` is how to call it in the error."""
    if why := damage(path):
        raise InputError(f"{what} {path} is damaged ({why}): copy it again, or use another")


def load(model: Any, path: str, what: str) -> None:
    """Fills a model, and its optimizer if it is compiled, from a Keras weights file.

    Args:
        model: a built model.
        path: file ending in `.weights.h5` that `latest` or `check` has found whole.
        what: how to call the file in an error.

    Raises:
        InputError: the file holds another network.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{what} {path} holds another network than its settings say: {_first_line(error)}. Give the folder of its "
            "run, which tells the settings"
        ) from error


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def latest(folder: str, note: Callable[[str], None] = print) -> tuple[int, str]:
    """Step and path of the newest checkpoint of a run that is not damaged.

    Args:
        folder: folder of the run.
        note: is told of each that is damaged.

    Raises:
        InputError: there is none; the message lists what the folder holds.
    """
    found = steps(folder)
    if not found:
        names = ", ".join(sorted(os.listdir(folder))[:8]) if os.path.isdir(folder) else "no such folder"
        raise InputError(f"there is no checkpoint in {folder} (found: {names or 'nothing'})")
    for step in reversed(found):
        path = path_of(folder, step)
        why = damage(path)
        if why is None:
            return step, path
        note(f"{path} is damaged ({why}): the one before it is used")
    raise InputError(
        f"every checkpoint in {folder} is damaged (steps {', '.join(map(str, found))}): copy the run again, or remove "
        "them to start it anew"
    )


def set_aside(folder: str, after: int) -> None:
    """Renames the checkpoints after a step, which are damaged: a run that goes on from there writes its own."""
    for step in steps(folder):
        if step > after:
            path = path_of(folder, step)
            os.replace(path, path + _DAMAGED)
