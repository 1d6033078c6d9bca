"""Every backbone as a row: what makes it, what official checkpoints call it, its batch norm and its input."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from deeplab_tf2.config import DECODER_STRIDES, PAD_PIXEL, InputError, ModelConfig
from deeplab_tf2.models.mobilenet import MobileNet
from deeplab_tf2.models.nas import NAS
from deeplab_tf2.models.resnet_v1 import ResNetV1
from deeplab_tf2.models.xception import Xception

Pixel = tuple[float, float, float]

# The mean of ImageNet's training images.
MEAN_PIXEL: Pixel = (123.15, 115.90, 103.06)


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A row.

    Attributes:
        make: `make(config, batch_norm)` gives the layer.
        scope: where official checkpoints keep its variables.
        batch_norm_decay: decay of its batch norm statistics.
        batch_norm_epsilon: epsilon of its batch norm.
        mean_pixel: RGB that is subtracted from images; None: images are scaled to [-1, 1].
        pad_pixel: RGB that pads images.
        decoder_strides: strides at which it has a feature for a decoder.
    """

    make: Callable[[ModelConfig, dict[str, Any]], Any]
    scope: str
    batch_norm_decay: float
    batch_norm_epsilon: float = 1e-3
    mean_pixel: Pixel | None = None
    pad_pixel: Pixel = (PAD_PIXEL, PAD_PIXEL, PAD_PIXEL)
    decoder_strides: tuple[int, ...] = DECODER_STRIDES


def _xception(config: ModelConfig, batch_norm: dict[str, Any]) -> Xception:
    return Xception(
        config.model_variant,
        config.output_stride,
        config.multi_grid,
        config.use_bounded_activation,
        batch_norm,
        config.weight_decay,
    )


def _resnet_v1(config: ModelConfig, batch_norm: dict[str, Any]) -> ResNetV1:
    return ResNetV1(config.model_variant, config.output_stride, config.multi_grid, batch_norm, config.weight_decay)


def _mobilenet(config: ModelConfig, batch_norm: dict[str, Any]) -> MobileNet:
    return MobileNet(
        config.model_variant,
        config.depth_multiplier,
        config.divisible_by,
        config.output_stride,
        batch_norm,
        config.weight_decay,
    )


def _nas(config: ModelConfig, batch_norm: dict[str, Any]) -> NAS:
    return NAS(
        config.model_variant,
        config.output_stride,
        config.nas_stem_output_num_conv_filters,
        config.nas_use_classification_head,
        config.nas_remove_os32_stride,
        config.drop_path_keep_prob,
        batch_norm,
        config.weight_decay,
    )


def _resnet_row(scope: str, mean_pixel: Pixel | None = None, pad_pixel: Pixel = Backbone.pad_pixel) -> Backbone:
    return Backbone(_resnet_v1, scope, 0.95, 1e-5, mean_pixel, pad_pixel)


BACKBONES = {
    "mobilenet_v2": Backbone(_mobilenet, "MobilenetV2", batch_norm_decay=0.997),
    "mobilenet_v3_large_seg": Backbone(_mobilenet, "MobilenetV3", batch_norm_decay=0.997),
    "mobilenet_v3_small_seg": Backbone(_mobilenet, "MobilenetV3", batch_norm_decay=0.997),
    "mobilenet_edgetpu": Backbone(_mobilenet, "MobilenetEdgeTPU", batch_norm_decay=0.997, decoder_strides=()),
    "xception_41": Backbone(_xception, "xception_41", batch_norm_decay=0.9997),
    "xception_65": Backbone(_xception, "xception_65", batch_norm_decay=0.9997),
    "xception_71": Backbone(_xception, "xception_71", batch_norm_decay=0.9997),
    # Officially padded with the middle of the range, although its mean is subtracted.
    "resnet_v1_18": _resnet_row("resnet_v1_18", MEAN_PIXEL),
    "resnet_v1_18_beta": _resnet_row("resnet_v1_18"),
    "resnet_v1_50": _resnet_row("resnet_v1_50", MEAN_PIXEL, MEAN_PIXEL),
    "resnet_v1_50_beta": _resnet_row("resnet_v1_50"),
    "resnet_v1_101": _resnet_row("resnet_v1_101", MEAN_PIXEL, MEAN_PIXEL),
    "resnet_v1_101_beta": _resnet_row("resnet_v1_101"),
    "nas_pnasnet": Backbone(_nas, "pnasnet", batch_norm_decay=0.9997),
    "nas_hnasnet": Backbone(_nas, "hnasnet", batch_norm_decay=0.9997),
}


def backbone(model_variant: str) -> Backbone:
    """The row of a backbone.

    Raises:
        InputError: there is none of that name.
    """
    if model_variant not in BACKBONES:
        raise InputError(f"model_variant is {model_variant!r}; legal are {', '.join(BACKBONES)}")
    return BACKBONES[model_variant]
