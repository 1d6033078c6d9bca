"""The checkpoints that eval and vis look at: one, or each new one of a run in training."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import TypeVar

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.checkpoints import files
from deeplab_tf2.checkpoints.choice import LATEST
from deeplab_tf2.cli.run_flags import RunFlags
from deeplab_tf2.config import FILE_NAME, InputError, RunConfig

flags.disclaim_key_flags()

Flags = TypeVar("Flags", bound=RunFlags)
# Seconds between looks into the folder of the run.
_PAUSE = 1.0


def watched(chosen: Flags, prefix: str, most: int) -> Iterator[Flags]:
    """The flags of each pass over the split: as they are, once, or with --watch those of each new checkpoint.

    Of those that come while a pass is on its way, the newest is next. Each has a folder of its own below the log
    folder. Watching ends at the last step of the run, after `most` passes, or when no checkpoint comes in time.

    Args:
        chosen: the flags.
        prefix: what the command's own flags begin with, `eval` or `vis`.
        most: passes after which watching ends; 0 for no limit.

    Raises:
        InputError: a checkpoint is chosen too, a number cannot be used, or no checkpoint came at all.
    """
    if not chosen.watch:
        yield chosen
        return
    _check(chosen, most)
    logs = getattr(chosen, f"{prefix}_logdir") or os.path.join(chosen.checkpoint_dir, prefix)
    for count, step in enumerate(_new_steps(chosen), 1):
        own = {f"{prefix}_logdir": os.path.join(logs, f"step-{step:08d}")}
        yield chosen.replace(checkpoint=files.path_of(chosen.checkpoint_dir, step), **own)
        # Whoever reads what is printed from a file or a pipe would else wait for the end of the training.
        sys.stdout.flush()
        if count == most:
            return


def _check(chosen: RunFlags, most: int) -> None:
    if chosen.checkpoint not in (None, LATEST):
        raise InputError(
            f"--watch looks at each new checkpoint, and --checkpoint={chosen.checkpoint} at one: leave one out"
        )
    if not chosen.checkpoint_dir:
        raise InputError("--checkpoint_dir is missing: give the folder of a training run (its --train_logdir)")
    if most < 0 or chosen.eval_interval_secs < 0 or (chosen.timeout or 0) < 0:
        raise InputError(
            f"eval_interval_secs is {chosen.eval_interval_secs}, timeout {chosen.timeout}, "
            f"the number of passes {most}; 0 is the least"
        )


def _new_steps(chosen: RunFlags) -> Iterator[int]:
    folder, seen = chosen.checkpoint_dir, -1
    waiting, due = time.monotonic(), 0.0
    while True:
        newest = _newest(folder)
        if newest > seen and time.monotonic() >= due:
            seen, due = newest, time.monotonic() + chosen.eval_interval_secs
            yield seen
            waiting = time.monotonic()
            if seen >= RunConfig.load(folder).optimizer.training_number_of_steps:
                return
        elif newest <= seen and chosen.timeout is not None and time.monotonic() - waiting >= chosen.timeout:
            told = f"no {'new ' * (seen >= 0)}checkpoint came to {folder} within {chosen.timeout:g} seconds"
            if seen < 0:
                raise InputError(f"{told}: is the training on its way, and is this its --train_logdir?")
            print(f"{told}: watching ends", file=sys.stderr)
            return
        else:
            time.sleep(_PAUSE)


def _newest(folder: str) -> int:
    """The newest step of a run that has begun, or -1."""
    return max(files.steps(folder), default=-1) if storage.is_file(storage.join(folder, FILE_NAME)) else -1
