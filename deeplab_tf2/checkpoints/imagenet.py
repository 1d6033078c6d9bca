"""MobileNetV2's ImageNet weights, as Keras distributes them, for our backbone."""

from __future__ import annotations

from typing import Any

import keras

from deeplab_tf2.config import InputError
from deeplab_tf2.models.deeplab import DeepLab

ALPHAS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)


def load_imagenet(model: DeepLab) -> None:
    """Fills the backbone of `model` with ImageNet weights; the head stays as it is.

    Raises:
        InputError: the backbone has no such weights, or they can be neither found nor downloaded.
    """
    config = model.config
    if config.model_variant != "mobilenet_v2":
        raise InputError(
            f"--initial_weights=imagenet is there for mobilenet_v2, not for {config.model_variant}: "
            "leave it out, or choose --model_variant=mobilenet_v2"
        )
    if config.depth_multiplier not in ALPHAS:
        raise InputError(
            f"Keras distributes ImageNet weights for depth_multiplier {', '.join(map(str, ALPHAS))}, "
            f"not {config.depth_multiplier}"
        )
    try:
        source = keras.applications.MobileNetV2(
            input_shape=(224, 224, 3), alpha=config.depth_multiplier, include_top=False, weights="imagenet"
        )
    except Exception as error:
        raise InputError(
            "the ImageNet weights are not on this machine and could not be downloaded "
            f"({' '.join(str(error).split())[:120]}). Run once with a network, or copy the file "
            f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{config.depth_multiplier}_224_no_top.h5 of Keras to "
            "~/.keras/models; without --initial_weights the run starts from random weights"
        ) from error
    copy_backbone(source, model)


def copy_backbone(source: keras.Model, model: DeepLab) -> None:
    """Copies the weights of a Keras MobileNetV2 into the backbone of `model`.

    Args:
        source: a model of `keras.applications.MobileNetV2`.
        model: a DeepLab on mobilenet_v2 of the same widths.

    Raises:
        InputError: the widths differ.
    """
    for unit, conv_name, norm_name in _pairs(model.backbone):
        for layer, name in ((unit.conv, conv_name), (unit.batch_norm, norm_name)):
            weights = source.get_layer(name).get_weights()
            shapes = [weight.shape for weight in layer.weights]
            if [weight.shape for weight in weights] != shapes:
                raise InputError(
                    f"the ImageNet weights of {name} have shape {weights[0].shape}, this network {shapes[0]}: "
                    "they are made for widths that are multiples of 8, so add --divisible_by=8"
                )
            layer.set_weights(weights)


def _pairs(backbone: Any) -> list[tuple[Any, str, str]]:
    """Our convolution units with the names of Keras' convolution and batch norm."""
    stem, *blocks = backbone.units
    pairs = [(stem, "Conv1", "bn_Conv1")]
    for index, block in enumerate(blocks):
        prefix = f"block_{index}" if index else "expanded_conv"
        for part in ("expand", "depthwise", "project"):
            if getattr(block, part) is not None:
                pairs.append((getattr(block, part), f"{prefix}_{part}", f"{prefix}_{part}_BN"))
    return pairs
