"""The decoder of DeepLabv3+."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.layers.separable_conv import SeparableConv2D

LOW_LEVEL_FILTERS = 48


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Decoder(Composite):
    """Sharpens encoder features with a low-level feature of the backbone (DeepLabv3+, section 3.1).

    Args:
        filters: channels of the two 3x3 convolutions.
        separable: separable instead of plain convolutions.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        filters: int = 256,
        separable: bool = True,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        shared: dict[str, Any] = {
            "batch_norm": batch_norm,
            "weight_decay": weight_decay,
            "dtype": self.dtype_policy,
        }
        conv = SeparableConv2D if separable else ConvBatchNorm
        self.projection = ConvBatchNorm(LOW_LEVEL_FILTERS, **shared, name="feature_projection0")
        self.convs = [conv(filters, kernel_size=3, **shared, name=f"decoder_conv{i}") for i in range(2)]

    def call(self, features: Any, low_level: Any, size: tuple[Any, Any]) -> Any:
        """Merges the two features at a common size.

        Args:
            features: encoder output [batch, h, w, channels].
            low_level: backbone feature [batch, h', w', channels'].
            size: (height, width) of the result.

        Returns:
            [batch, height, width, filters].
        """
        maps = [resize_bilinear(features, size), resize_bilinear(self.projection(low_level), size)]
        merged = ops.concatenate(maps, axis=-1)
        for conv in self.convs:
            merged = conv(merged)
        return merged
