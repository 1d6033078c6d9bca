"""Starting a run from what another run, an official checkpoint or a Keras weights file has learned."""

from __future__ import annotations

import os
from collections.abc import Sequence

from deeplab_tf2.checkpoints import files, zoo
from deeplab_tf2.checkpoints.download import download
from deeplab_tf2.checkpoints.importer import import_checkpoint, network_shapes, part_of
from deeplab_tf2.checkpoints.tf1 import NoCheckpoint, open_tf1
from deeplab_tf2.config import FILE_NAME, InputError, ModelConfig, RunConfig
from deeplab_tf2.models.deeplab import DeepLab

WEIGHTS = ".weights.h5"


def load_initial(model: DeepLab, path: str, fresh: Sequence[str] = ()) -> str:
    """Fills `model` with weights from wherever `path` says.

    Args:
        model: the network of the new run.
        path: folder of a run, a file ending in `.weights.h5`, a TF1 checkpoint or frozen graph in one of the forms
            of `tf1.open_tf1`, or `zoo:NAME` of the model zoo.
        fresh: parts that keep their own weights: "aspp", "decoder", "logits". Where the number of classes differs,
            the layers that depend on it are never taken.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: there is nothing to load, or it belongs to another network.
    """
    if path.startswith(zoo.PREFIX):
        return import_checkpoint(model, download(path), fresh)
    if _is_run(path):
        return _from_run(model, path, list(fresh))
    if path.endswith(WEIGHTS) and os.path.isfile(path):
        source = DeepLab(model.config)
        files.load(source, path, "the weights file")
        return _copy(source, model, list(fresh), path)
    try:
        return import_checkpoint(model, path, fresh)
    except NoCheckpoint as error:
        raise InputError(
            f"tf_initial_checkpoint={path}: {error}. Give the folder of a run, a {WEIGHTS} file, a TF1 checkpoint "
            f"(model.ckpt-30000, its folder or its .tar.gz), a frozen graph (.pb), or {zoo.PREFIX}NAME"
        ) from error


def has_head(path: str) -> bool:
    """Whether weights to start from hold more than a backbone: then every batch norm layer has statistics.

    Args:
        path: see `load_initial`; an archive is unpacked, `zoo:NAME` downloaded.

    Raises:
        InputError: there is no such thing, or it is damaged.
    """
    if _is_run(path) or path.endswith(WEIGHTS):
        return True
    with open_tf1(download(path) if path.startswith(zoo.PREFIX) else path) as variables:
        return any(part_of(name) != "backbone" for name in network_shapes(variables))


def _is_run(path: str) -> bool:
    return os.path.isdir(path) and (bool(files.steps(path)) or os.path.isfile(os.path.join(path, FILE_NAME)))


def last_part(config: ModelConfig) -> str:
    """The part whose shape follows the number of classes."""
    return "decoder" if config.decoder_output_is_logits else "logits"


def _from_run(model: DeepLab, folder: str, fresh: list[str]) -> str:
    step, path = files.latest(folder)
    config = RunConfig.load(folder).model
    source = DeepLab(config)
    files.load(source, path, "the checkpoint")
    reason = ""
    if config.num_classes != model.config.num_classes:
        last = last_part(config)
        fresh = [*(part for part in fresh if part != last), last]
        reason = f" ({config.num_classes} classes there, {model.config.num_classes} here)"
    return _copy(source, model, fresh, f"{folder} at step {step}") + reason


def _copy(source: DeepLab, model: DeepLab, fresh: list[str], where: str) -> str:
    for part in ("backbone", "aspp", "decoder", "logits"):
        if part not in fresh and getattr(source, part) is not None and getattr(model, part) is not None:
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
