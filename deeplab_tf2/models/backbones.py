"""Every backbone as a row: what makes it, and its batch norm."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from deeplab_tf2.config import PAD_PIXEL, InputError, ModelConfig
from deeplab_tf2.models.mobilenet_v2 import MobileNetV2
from deeplab_tf2.models.xception import VARIANTS, Xception


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
    """

    make: Callable[[ModelConfig, dict[str, Any]], Any]
    scope: str
    batch_norm_decay: float
    batch_norm_epsilon: float = 1e-3
    mean_pixel: tuple[float, float, float] | None = None
    pad_pixel: tuple[float, float, float] = (PAD_PIXEL, PAD_PIXEL, PAD_PIXEL)


def _xception(config: ModelConfig, batch_norm: dict[str, Any]) -> Xception:
    return Xception(
        config.model_variant,
        config.output_stride,
        config.multi_grid,
        config.use_bounded_activation,
        batch_norm,
        config.weight_decay,
    )


def _mobilenet_v2(config: ModelConfig, batch_norm: dict[str, Any]) -> MobileNetV2:
    return MobileNetV2(
        config.depth_multiplier, config.divisible_by, config.output_stride, batch_norm, config.weight_decay
    )


BACKBONES = {
    "mobilenet_v2": Backbone(_mobilenet_v2, "MobilenetV2", batch_norm_decay=0.997),
    **{name: Backbone(_xception, name, batch_norm_decay=0.9997) for name in VARIANTS},
}


def backbone(model_variant: str) -> Backbone:
    """The row of a backbone.

    Raises:
        InputError: there is none of that name.
    """
    if model_variant not in BACKBONES:
        raise InputError(f"model_variant is {model_variant!r}; legal are {', '.join(sorted(BACKBONES))}")
    return BACKBONES[model_variant]
