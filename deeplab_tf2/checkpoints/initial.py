"""Starting a run from what another run has learned."""

from __future__ import annotations

import os

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.models.deeplab import DeepLab


def load_initial(model: DeepLab, path: str, initialize_last_layer: bool = True) -> str:
    """Fills `model` with the weights of another run or of a Keras weights file.

    Args:
        model: the network of the new run.
        path: folder of a run, or a file ending in `.weights.h5`.
        initialize_last_layer: whether the logits are filled too. With another number of classes they never are.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: there is nothing to load, or it belongs to another network.
    """
    if os.path.isdir(path):
        return _load_run(model, path, initialize_last_layer)
    if not (path.endswith(".weights.h5") and os.path.isfile(path)):
        raise InputError(
            f"tf_initial_checkpoint={path} is neither the folder of a run nor a .weights.h5 file"
        )
    fresh = model.logits.get_weights()
    files.load(model, path, "the weights file")
    if not initialize_last_layer:
        model.logits.set_weights(fresh)
    return f"weights from {path}" + ("" if initialize_last_layer else ", logits fresh")


def _load_run(model: DeepLab, folder: str, initialize_last_layer: bool) -> str:
    step, path = files.latest(folder)
    config = RunConfig.load(folder).model
    source = DeepLab(config)
    files.load(source, path, "the checkpoint")
    parts = ["backbone", "aspp"] + (["decoder"] if source.decoder and model.decoder else [])
    for part in parts:
        _copy(source, model, part)
    same_classes = config.num_classes == model.config.num_classes
    if initialize_last_layer and same_classes:
        _copy(source, model, "logits")
        return f"all weights from {folder} at step {step}"
    reason = "" if same_classes else f" ({config.num_classes} classes there, {model.config.num_classes} here)"
    return f"weights from {folder} at step {step}, logits fresh{reason}"


def _copy(source: DeepLab, model: DeepLab, part: str) -> None:
    have, want = getattr(source, part), getattr(model, part)
    if [weight.shape for weight in have.weights] != [weight.shape for weight in want.weights]:
        raise InputError(
            f"the {part} of the checkpoint is {source.config.model_variant} (depth_multiplier "
            f"{source.config.depth_multiplier}, {len(have.weights)} variables), the {part} of this run "
            f"{model.config.model_variant} (depth_multiplier {model.config.depth_multiplier}, {len(want.weights)} "
            "variables): give both the same network settings"
        )
    want.set_weights(have.get_weights())
