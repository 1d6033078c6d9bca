"""The checkpoints of a run: one Keras weights file a step, with the optimizer's state, whole or not there at all."""

from __future__ import annotations

import os
import re
from typing import Any

from deeplab_tf2.config import InputError

_NAME = "model-{step:08d}.weights.h5"
_PATTERN = re.compile(r"^model-(\d{8,})\.weights\.h5$")


def steps(folder: str) -> list[int]:
    """The steps that have a checkpoint in `folder`, in order."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return sorted(int(match[1]) for name in names if (match := _PATTERN.match(name)))


def path_of(folder: str, step: int) -> str:
    """Path of the checkpoint of a step."""
    return os.path.join(folder, _NAME.format(step=step))


def save(model: Any, folder: str, step: int, keep: int = 5) -> str:
    """Writes a checkpoint and removes the oldest beyond `keep`.

    Args:
        model: a built model, compiled if its optimizer is to be continued.
        folder: folder of the run.
        step: number of optimizer steps done.
        keep: number of checkpoints that stay.

    Returns:
        Path of the new checkpoint.
    """
    path = path_of(folder, step)
    temporary = os.path.join(folder, f".{os.getpid()}.tmp.weights.h5")
    model.save_weights(temporary)
    os.replace(temporary, path)
    for old in steps(folder)[:-keep]:
        os.remove(path_of(folder, old))
    return path


def load(model: Any, path: str, what: str) -> None:
    """Fills a model, and its optimizer if it is compiled, from a Keras weights file.

    Args:
        model: a built model.
        path: file ending in `.weights.h5`.
        what: how to call the file in an error.

    Raises:
        InputError: the file is damaged, or holds another network.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{what} {path} is damaged or holds another network than its settings say: {_first_line(error)}. Give the "
            "folder of its run, which tells the settings, or copy it again"
        ) from error


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def latest(folder: str) -> tuple[int, str]:
    """Step and path of the newest checkpoint of a run.

    Raises:
        InputError: there is none; the message lists what the folder holds.
    """
    found = steps(folder)
    if not found:
        names = ", ".join(sorted(os.listdir(folder))[:8]) if os.path.isdir(folder) else "no such folder"
        raise InputError(f"there is no checkpoint in {folder} (found: {names or 'nothing'})")
    return found[-1], path_of(folder, found[-1])
