"""MobileNetV2 by its own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deeplab_tf2.models.mobilenet import MobileNet


class MobileNetV2(MobileNet):
    """`MobileNet("mobilenet_v2", ...)`; arguments as those of `MobileNet`."""

    def __init__(
        self,
        depth_multiplier: float = 1.0,
        divisible_by: int | None = None,
        output_stride: int = 16,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            "mobilenet_v2", depth_multiplier, divisible_by, output_stride, batch_norm, weight_decay, **kwargs
        )
