"""Which checkpoint of a run is meant: the newest, the best, that of a step, or a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, read_json, write_json

BEST_FILE = "best.json"
LATEST, BEST = "latest", "best"
# What the flags that choose a checkpoint say of it.
HELP = "Which checkpoint of the run: latest, best (by validation mIoU), a step, or its path; unset: latest."
_STEP = re.compile(r"(?:model\.ckpt-)?(\d+)")


def note_best(folder: str, best: Mapping[str, Any] | None) -> None:
    """Notes the best validation of a run, its "step" and its "mIoU"; None: that there was none."""
    path = os.path.join(folder, BEST_FILE)
    if best is None:
        storage.remove(path)
    else:
        write_json(path, dict(best))


def best_step(folder: str) -> int:
    """The step of a run with the best validation mIoU.

    Raises:
        InputError: nothing was validated, or the note of it is damaged.
    """
    path = os.path.join(folder, BEST_FILE)
    if not os.path.isfile(path):
        raise InputError(
            f"the best checkpoint of {folder} is not known, for nothing was validated (there is no {BEST_FILE}); "
            f"{_others(folder)}"
        )
    step = read_json(path, "a validated run").get("step")
    if not isinstance(step, int):
        raise InputError(f"{path} is damaged: it names no step; {_others(folder)}")
    return step


def choose(folder: str, wanted: str | None = None, note: Callable[[str], None] = print) -> tuple[int, str]:
    """Step and path of a checkpoint of a run.

    Args:
        folder: folder of the run.
        wanted: `latest`, `best`, a step (`500` or `model.ckpt-500`), the path of a checkpoint, or its name in the
            folder; unset: the latest that is not damaged.
        note: is told of each damaged one that the latest would have been.

    Raises:
        InputError: there is no such checkpoint, and the message lists those there are; or it is damaged.
    """
    if wanted in (None, LATEST):
        return files.latest(folder, note)
    step, path = _named(folder, wanted)
    files.check(path, "the checkpoint")
    return step, path


def _named(folder: str, wanted: str) -> tuple[int, str]:
    if wanted == BEST:
        step = best_step(folder)
    elif number := _STEP.fullmatch(wanted):
        step = int(number[1])
    else:
        return _file(folder, wanted)
    path = files.path_of(folder, step)
    if not os.path.isfile(path):
        raise InputError(f"there is no checkpoint {path}; {_others(folder)}")
    return step, path


def _file(folder: str, wanted: str) -> tuple[int, str]:
    for path in (wanted, os.path.join(folder, wanted)):
        if os.path.isfile(path):
            number = re.search(r"\d+", os.path.basename(path))
            return int(number[0]) if number else 0, path
    raise InputError(
        f"there is no checkpoint {wanted}; {_others(folder)}; {BEST} and {LATEST} are words for two of them"
    )


def _others(folder: str) -> str:
    return f"the run has the steps {files.steps(folder)}"
