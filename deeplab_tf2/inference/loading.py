"""A trained network with everything it was trained with, from the folder of its run."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.models.deeplab import DeepLab

# What may differ from training: it changes where a network is evaluated, not which weights it has.
FOLLOWABLE = frozenset(
    ("output_stride", "atrous_rates", "weight_decay", "fine_tune_batch_norm", "batch_norm_decay")
)


@dataclasses.dataclass(frozen=True)
class Run:
    """A network, its settings, its dataset, and the checkpoint it was filled from."""

    folder: str
    config: RunConfig
    descriptor: Descriptor
    model: DeepLab
    step: int
    checkpoint: str


def load_run(folder: str, checkpoint: str | None = None, **overrides: Any) -> Run:
    """Loads the newest checkpoint of a run.

    Args:
        folder: folder of the run.
        checkpoint: path of another checkpoint of the run.
        **overrides: fields of `ModelConfig`; `output_stride` and `atrous_rates` are followed, the others must
            agree with the run.

    Raises:
        InputError: there is no such run or checkpoint, or an override contradicts it.
    """
    config = RunConfig.load(folder)
    for name, value in overrides.items():
        have = getattr(config.model, name)
        if name not in FOLLOWABLE and value != have:
            raise InputError(
                f"--{name}={value} contradicts the run in {folder}, which was trained with {name}={have}: "
                "leave the flag out, the network is read from the run"
            )
    if checkpoint is not None and not os.path.isfile(checkpoint):
        raise InputError(f"there is no checkpoint {checkpoint}; the run has the steps {files.steps(folder)}")
    step, path = files.latest(folder) if checkpoint is None else (_step(checkpoint), checkpoint)
    followed = {name: value for name, value in overrides.items() if name in FOLLOWABLE}
    model = DeepLab(config.model.replace(**followed))
    files.load(model, path, "the checkpoint")
    return Run(folder, config, load_descriptor(folder), model, step, path)


def _step(path: str) -> int:
    digits = "".join(character for character in os.path.basename(path).split(".")[0] if character.isdigit())
    return int(digits or 0)
