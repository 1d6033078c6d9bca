"""ImageNet weights that Keras distributes, as a start for the backbones whose layers agree."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import keras
import numpy as np

from deeplab_tf2.checkpoints.importer import fill
from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.checkpoints.variables import Variables
from deeplab_tf2.config import InputError
from deeplab_tf2.models.backbones import backbone
from deeplab_tf2.models.deeplab import DeepLab

ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
# What Keras subtracts from images for its ResNets, which read blue, green, red.
_MEAN_PIXEL = (123.68, 116.779, 103.939)
# Three convolutions in place of one, twice as wide: the first unit reads other channels too.
_BETA_ROOT = ("conv1_", "block1/unit_1/bottleneck_v1/conv1/", "block1/unit_1/bottleneck_v1/shortcut/")


@dataclasses.dataclass(frozen=True)
class Source:
    """A network of `keras.applications`, and the file of its weights."""

    application: str
    file: str


_RESNET = "{}_weights_tf_dim_ordering_tf_kernels_notop.h5"
SOURCES = {
    "mobilenet_v2": Source("MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_224_no_top.h5"),
    "resnet_v1_50": Source("ResNet50", _RESNET.format("resnet50")),
    "resnet_v1_50_beta": Source("ResNet50", _RESNET.format("resnet50")),
    "resnet_v1_101": Source("ResNet101", _RESNET.format("resnet101")),
    "resnet_v1_101_beta": Source("ResNet101", _RESNET.format("resnet101")),
}


def load_imagenet(model: DeepLab) -> str:
    """Fills the backbone of `model` with ImageNet weights; the head stays as it is.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: the backbone has no such weights, or they can be neither found nor downloaded.
    """
    config = model.config
    if config.model_variant not in SOURCES:
        raise InputError(
            f"--initial_weights=imagenet is there for {', '.join(SOURCES)}, not for {config.model_variant}: leave it "
            "out, or give --tf_initial_checkpoint=zoo:NAME (the model zoo has ImageNet weights of other backbones)"
        )
    source = SOURCES[config.model_variant]
    alpha = {"alpha": config.depth_multiplier} if source.application == "MobileNetV2" else {}
    if alpha and config.depth_multiplier not in ALPHAS:
        raise InputError(
            f"Keras distributes ImageNet weights for depth_multiplier {', '.join(map(str, ALPHAS))}, "
            f"not {config.depth_multiplier}"
        )
    make = getattr(keras.applications, source.application)
    try:
        network = make(input_shape=(224, 224, 3), include_top=False, weights="imagenet", **alpha)
    except Exception as error:
        raise InputError(
            "the ImageNet weights are not on this machine and could not be downloaded "
            f"({' '.join(str(error).split())[:120]}). Run once with a network, or copy the file "
            f"{source.file.format(**alpha)} of Keras to ~/.keras/models; without --initial_weights the run starts "
            "from random weights"
        ) from error
    return copy_backbone(network, model)


def copy_backbone(source: keras.Model, model: DeepLab) -> str:
    """Copies the weights of a Keras network into the backbone of `model`.

    A beta ResNet keeps its own root, and the convolutions of its first unit that read it.

    Args:
        source: a model of `keras.applications.MobileNetV2`, `ResNet50` or `ResNet101`.
        model: a DeepLab on the same backbone with the same widths.

    Returns:
        One line that says what was loaded.

    Raises:
        InputError: the widths differ.
    """
    row = backbone(model.config.model_variant)
    arrays = official_arrays(source, row.scope, row.batch_norm_epsilon)
    fresh = ""
    if model.config.model_variant.endswith("_beta"):
        arrays = _with_own_root(model, row.scope, arrays)
        fresh = "; fresh too: its root"
    elif row.mean_pixel is not None:
        _adapt_root(arrays, f"{row.scope}/conv1", np.subtract(_MEAN_PIXEL, row.mean_pixel))
    return fill(model, Variables.of(arrays, "ImageNet, as Keras distributes them")) + fresh


def official_arrays(source: keras.Model, scope: str, epsilon: float) -> dict[str, Any]:
    """The convolutions of a Keras network with their batch norm, under official names.

    Args:
        source: see `copy_backbone`.
        scope: the backbone's official scope.
        epsilon: epsilon of the batch norm that the values are for.
    """
    arrays: dict[str, Any] = {}
    for layer in source.layers:
        found = _official(layer.name)
        if found is None:
            continue
        name, norm = f"{scope}/{found[0]}", source.get_layer(found[1])
        kernel, *bias = layer.get_weights()
        gamma, beta, mean, variance = norm.get_weights()
        leaf = "depthwise_weights" if name.endswith("depthwise") else "weights"
        arrays[f"{name}/{leaf}"] = kernel
        arrays[f"{name}/BatchNorm/gamma"] = gamma
        arrays[f"{name}/BatchNorm/beta"] = beta
        # Official convolutions have no bias: the mean that is subtracted takes it.
        arrays[f"{name}/BatchNorm/moving_mean"] = mean - bias[0] if bias else mean
        arrays[f"{name}/BatchNorm/moving_variance"] = variance + (norm.epsilon - epsilon)
    return arrays


def _official(name: str) -> tuple[str, str] | None:
    """Official scope of a Keras convolution, and the name of its batch norm."""
    if name == "Conv1":
        return "Conv", "bn_Conv1"
    if match := re.fullmatch(r"(?:expanded_conv|block_(\d+))_(expand|depthwise|project)", name):
        return f"expanded_conv{f'_{match[1]}' if match[1] else ''}/{match[2]}", f"{name}_BN"
    if name == "conv1_conv":
        return "conv1", "conv1_bn"
    if match := re.fullmatch(r"conv(\d)_block(\d+)_(\d)_conv", name):
        part = f"conv{match[3]}" if match[3] != "0" else "shortcut"
        return f"block{int(match[1]) - 1}/unit_{match[2]}/bottleneck_v1/{part}", f"{name.removesuffix('conv')}bn"
    return None


def _adapt_root(arrays: dict[str, Any], root: str, shift: Any) -> None:
    """Lets the 7x7 root read red, green, blue, from which another mean was subtracted.

    Args:
        arrays: changed in place.
        root: official scope of the root.
        shift: by how much the images are brighter than those that the weights were trained on, [3].
    """
    arrays[f"{root}/weights"] = kernel = arrays[f"{root}/weights"][:, :, ::-1]
    mean = f"{root}/BatchNorm/moving_mean"
    arrays[mean] = arrays[mean] + np.tensordot(kernel, shift, axes=(2, 0)).sum((0, 1))


def _with_own_root(model: DeepLab, scope: str, arrays: dict[str, Any]) -> dict[str, Any]:
    """The arrays with the model's own root, and its own convolutions that read it, in place of the plain one."""
    own = {official_name(weight.path, model.config.model_variant): weight for weight in model.weights}
    roots = tuple(f"{scope}/{name}" for name in _BETA_ROOT)
    kept = {name: np.asarray(weight) for name, weight in own.items() if name.startswith(roots)}
    return {name: array for name, array in arrays.items() if not name.startswith(f"{scope}/conv1/")} | kept
