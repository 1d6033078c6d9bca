"""Starting a run from what another run has learned."""

from __future__ import annotations

import os
from collections.abc import Sequence

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.models.deeplab import DeepLab


def load_initial(model: DeepLab, path: str, fresh: Sequence[str] = ()) -> str:
    """Fills `model` with the weights of another run or of a Keras weights file.

    Args:
        model: the network of the new run.
        path: folder of a run, or a file ending in `.weights.h5`.
        fresh: parts that keep their own weights: "aspp", "decoder", "logits". Of a run with another number of
            classes the logits are never taken.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: there is nothing to load, or it belongs to another network.
    """
    if os.path.isdir(path):
        return _from_run(model, path, list(fresh))
    if not (path.endswith(".weights.h5") and os.path.isfile(path)):
        raise InputError(f"tf_initial_checkpoint={path} is neither the folder of a run nor a .weights.h5 file")
    source = DeepLab(model.config)
    files.load(source, path, "the weights file")
    return _copy(source, model, list(fresh), path)


def _from_run(model: DeepLab, folder: str, fresh: list[str]) -> str:
    step, path = files.latest(folder)
    config = RunConfig.load(folder).model
    source = DeepLab(config)
    files.load(source, path, "the checkpoint")
    reason = ""
    if config.num_classes != model.config.num_classes:
        fresh = [*(part for part in fresh if part != "logits"), "logits"]
        reason = f" ({config.num_classes} classes there, {model.config.num_classes} here)"
    return _copy(source, model, fresh, f"{folder} at step {step}") + reason


def _copy(source: DeepLab, model: DeepLab, fresh: list[str], where: str) -> str:
    parts = ["backbone", "aspp", "logits"] + (["decoder"] if source.decoder and model.decoder else [])
    for part in parts:
        if part not in fresh:
            _copy_part(source, model, part)
    return f"weights from {where}" + (f"; fresh: {', '.join(fresh)}" if fresh else "")


def _copy_part(source: DeepLab, model: DeepLab, part: str) -> None:
    have, want = getattr(source, part), getattr(model, part)
    if [weight.shape for weight in have.weights] != [weight.shape for weight in want.weights]:
        raise InputError(
            f"the {part} of the checkpoint is {source.config.model_variant} (depth_multiplier "
            f"{source.config.depth_multiplier}, {len(have.weights)} variables), the {part} of this run "
            f"{model.config.model_variant} (depth_multiplier {model.config.depth_multiplier}, "
            f"{len(want.weights)} variables): give both the same network settings"
        )
    want.set_weights(have.get_weights())
