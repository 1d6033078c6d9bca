"""Starting a run from what another run, an official checkpoint or a Keras weights file has learned."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import keras

from deeplab_tf2.checkpoints import files, zoo
from deeplab_tf2.checkpoints.download import download
from deeplab_tf2.checkpoints.importer import fill, import_checkpoint, network_shapes, part_of
from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.checkpoints.stem import RGB
from deeplab_tf2.checkpoints.tf1 import NoCheckpoint, check_tensorflow, open_tf1
from deeplab_tf2.checkpoints.variables import Variables
from deeplab_tf2.config import BATCH_NORM_PARTS, FILE_NAME, InputError, ModelConfig, RunConfig
from deeplab_tf2.models.deeplab import DeepLab

WEIGHTS = ".weights.h5"
_WEIGHTS_FILE = "the weights file"


def load_initial(model: DeepLab, path: str, fresh: Sequence[str] = ()) -> str:
    """Fills `model` with weights from wherever `path` says.

    Args:
        model: the network of the new run.
        path: folder of a run, a file ending in `.weights.h5`, a TF1 checkpoint or frozen graph in one of the forms
            of `tf1.open_tf1`, or `zoo:NAME` of the model zoo.
        fresh: parts that keep their own weights: "aspp", "decoder", "logits". Where the number of classes differs,
            the layers that depend on it are never taken; where the source has no decoder, a decoder and the logits
            after it are new.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: there is nothing to load, or it belongs to another network.
    """
    if path.startswith(zoo.PREFIX):
        check_tensorflow()
        return import_checkpoint(model, download(path), fresh, grow=True)
    if _is_run(path):
        return _from_run(model, path, fresh)
    if path.endswith(WEIGHTS) and os.path.isfile(path):
        return _from_weights(model, path, fresh)
    try:
        return import_checkpoint(model, path, fresh, grow=True)
    except NoCheckpoint as error:
        raise InputError(
            f"tf_initial_checkpoint={path}: {error}. Give the folder of a run, a {WEIGHTS} file, a TF1 checkpoint "
            f"(model.ckpt-30000, its folder or its .tar.gz), a frozen graph (.pb), or {zoo.PREFIX}NAME"
        ) from error


def parts_of(path: str) -> set[str]:
    """Which parts of a network weights to start from hold: "backbone", "aspp", "decoder", "logits".

    Args:
        path: see `load_initial`; an archive is unpacked, `zoo:NAME` downloaded.

    Raises:
        InputError: there is no such thing, or it is damaged.
    """
    if _is_run(path) or path.endswith(WEIGHTS):
        config = _config_of(path)
        has_decoder = bool(config.model.decoder_output_stride) if config else "decoder" in " ".join(_kernels(path))
        return {"backbone", "aspp", "logits"} | ({"decoder"} if has_decoder else set())
    with open_tf1(download(path) if path.startswith(zoo.PREFIX) else path) as variables:
        return {part_of(name) for name in network_shapes(variables)}


def untrained_statistics(path: str) -> tuple[tuple[str, ...], str]:
    """The parts whose batch norm statistics, in weights to start from, were never trained with them, and why.

    Args:
        path: see `load_initial`.

    Raises:
        InputError: there is no such thing, or it is damaged.
    """
    if _is_run(path) or path.endswith(WEIGHTS):
        config = _config_of(path)
        return (config.model.frozen_statistics if config else ()), f"the run of {path} kept them frozen"
    with open_tf1(download(path) if path.startswith(zoo.PREFIX) else path) as variables:
        names = [name for name in network_shapes(variables) if name.endswith(("/moving_mean", "/moving_variance"))]
        folded = bool(names) and all((variables[name] == name.endswith("variance")).all() for name in names)
    return BATCH_NORM_PARTS if folded else (), "the checkpoint has them folded into its kernels"


def _config_of(path: str) -> RunConfig | None:
    """The settings of the run that `path` is or lies in."""
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    return RunConfig.load(folder) if os.path.isfile(os.path.join(folder, FILE_NAME)) else None


def _is_run(path: str) -> bool:
    return os.path.isdir(path) and (bool(files.steps(path)) or os.path.isfile(os.path.join(path, FILE_NAME)))


def _from_run(model: DeepLab, folder: str, fresh: Sequence[str]) -> str:
    step, path = files.latest(folder)
    return _from_file(model, RunConfig.load(folder).model, path, f"{folder} at step {step}", fresh)


def _from_weights(model: DeepLab, path: str, fresh: Sequence[str]) -> str:
    files.check(path, _WEIGHTS_FILE)
    folder = os.path.dirname(path) or "."
    if os.path.isfile(os.path.join(folder, FILE_NAME)):
        return _from_file(model, RunConfig.load(folder).model, path, path, fresh)
    kernels = _kernels(path)
    own = model.config
    logits = [shape[-1] for name, shape in kernels.items() if name.startswith("layers/logits/")]
    config = own.replace(num_classes=logits[0] if logits else own.num_classes)
    if any(shape[2] == RGB for shape in kernels.values()):
        # Only a first kernel reads so few channels.
        config = config.replace(input_channels=RGB, channel_means=None, channel_deviations=None)
    return _from_file(model, config, path, path, fresh)


def _from_file(model: DeepLab, config: ModelConfig, path: str, where: str, fresh: Sequence[str]) -> str:
    """Fills `model` from a Keras weights file of a network of `config`, by the rules of official checkpoints."""
    source = DeepLab(config)
    files.load(source, path, _WEIGHTS_FILE)
    named = {official_name(weight.path, config.model_variant): weight for weight in source.weights}
    shapes = {name: tuple(weight.shape) for name, weight in named.items()}
    variables = Variables(where, shapes, lambda name: keras.ops.convert_to_numpy(named[name]))
    return fill(model, variables, fresh, grow=True)


def _kernels(path: str) -> dict[str, tuple[int, ...]]:
    """The shapes of the convolution kernels in a Keras weights file."""
    import h5py

    found: dict[str, tuple[int, ...]] = {}

    def visit(name: str, entry: Any) -> None:
        shape = getattr(entry, "shape", ())
        if len(shape) == 4:
            found[name] = tuple(map(int, shape))

    try:
        with h5py.File(path) as file:
            file.visititems(visit)
    except OSError as error:
        raise InputError(f"{path} is no whole weights file ({error}): copy or save it again") from error
    return found
