"""Every backbone as a row: what makes it, and its batch norm."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.mobilenet_v2 import MobileNetV2
from deeplab_tf2.models.xception import VARIANTS, Xception


@dataclasses.dataclass(frozen=True)
class Backbone:
    """A row: `make(config, batch_norm)` gives the layer; decay and epsilon are those of its batch norm."""

    make: Callable[[ModelConfig, dict[str, Any]], Any]
    batch_norm_decay: float
    batch_norm_epsilon: float = 1e-3


def _xception(config: ModelConfig, batch_norm: dict[str, Any]) -> Xception:
    return Xception(config.model_variant, config.output_stride, config.multi_grid, batch_norm, config.weight_decay)


def _mobilenet_v2(config: ModelConfig, batch_norm: dict[str, Any]) -> MobileNetV2:
    return MobileNetV2(
        config.depth_multiplier, config.divisible_by, config.output_stride, batch_norm, config.weight_decay
    )


BACKBONES = {
    "mobilenet_v2": Backbone(_mobilenet_v2, batch_norm_decay=0.997),
    **{name: Backbone(_xception, batch_norm_decay=0.9997) for name in VARIANTS},
}


def backbone(model_variant: str) -> Backbone:
    """The row of a backbone.

    Raises:
        InputError: there is none of that name.
    """
    if model_variant not in BACKBONES:
        raise InputError(f"model_variant is {model_variant!r}; legal are {', '.join(sorted(BACKBONES))}")
    return BACKBONES[model_variant]
