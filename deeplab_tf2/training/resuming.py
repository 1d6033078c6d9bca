"""Going on with a run: what is taken from its newest checkpoint, and what has to go from its folder."""

from __future__ import annotations

import os
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError
from deeplab_tf2.training.at_steps import steps_taken
from deeplab_tf2.training.cluster import Echo
from deeplab_tf2.training.csv_log import cut_after

# Beside the checkpoints, one row a line of progress and one a validation.
TRAIN_LOG, VALIDATION_LOG = "train_log.csv", "validation_log.csv"


def resume(model: Any, folder: str, note: Echo) -> tuple[int, dict[str, Any]]:
    """Fills a compiled model from the newest checkpoint of a run that is not damaged.

    Its weights are the averages, where the run has them: `averaging.exchange` makes it ready to go on.

    Args:
        model: a compiled model.
        folder: folder of the run.
        note: is told of damaged checkpoints.

    Returns:
        The step of the checkpoint, and the state it was saved with.

    Raises:
        InputError: there is no good checkpoint, or it is not one that training can go on from.
    """
    step, path = files.latest(folder, note)
    files.load(model, path, "the checkpoint")
    if steps_taken(model) != step:
        raise InputError(
            f"{path} has the weights of step {step}, but no optimizer to go on with: it was written with another "
            "--precision, or not by a training. Give the settings that it was trained with, or start a new run with "
            f"--tf_initial_checkpoint={path}"
        )
    return step, files.state_of(path)


def tidy(folder: str, step: int) -> None:
    """Takes out of the folder of a run what was written after a step it goes on from, and what a kill left."""
    storage.remove_leftovers(folder)
    files.set_aside(folder, step)
    for name in (TRAIN_LOG, VALIDATION_LOG):
        cut_after(os.path.join(folder, name), step)
