"""The image-level feature of DeepLabv3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.resize import resize_bilinear


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ImagePooling(Composite):
    """Global mean, 1x1 convolution, batch norm, ReLU, back to the size of the map (DeepLabv3, section 3.3).

    Maps [batch, height, width, channels] to [batch, height, width, filters].

    Args:
        filters: output channels.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of the kernel.
    """

    def __init__(
        self,
        filters: int = 256,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conv = ConvBatchNorm(
            filters, batch_norm=batch_norm, weight_decay=weight_decay, name="conv", dtype=self.dtype_policy
        )

    def call(self, inputs: Any) -> Any:
        pooled = self.conv(ops.mean(inputs, axis=(1, 2), keepdims=True))
        return resize_bilinear(pooled, tuple(ops.shape(inputs)[1:3]))
