"""Atrous separable convolution with batch norm and activation between its halves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm, DepthwiseConvBatchNorm, truncated_normal


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class SeparableConv2D(Composite):
    """Depthwise convolution, batch norm, activation, 1x1 convolution, batch norm, activation.

    The stock Keras layer has nothing between its halves; DeepLab needs batch norm there, and an activation in
    ASPP and decoder (DeepLabv3+, sections 3.1 and 3.3). With `activation=None` both activations are left out,
    as in most of the aligned Xception.

    Example: `SeparableConv2D(256, dilation_rate=12)` maps [batch, height, width, channels] to
    [batch, height, width, 256].

    Args:
        filters: output channels.
        kernel_size: side of the square depthwise kernel, or (height, width).
        strides: stride of the depthwise half.
        dilation_rate: atrous rate of the depthwise half, or (vertical, horizontal).
        padding: "same" (native) or "fixed" (by the kernel alone).
        activation: name of a Keras activation for both halves, or None.
        batch_norm: arguments of `BatchNormalization` for both halves.
        depthwise_initializer: name or configuration of a Keras initializer.
        pointwise_initializer: name or configuration of a Keras initializer.
        weight_decay: L2 penalty of the pointwise kernel, weight_decay * sum(w^2) / 2.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int] = 3,
        strides: int = 1,
        dilation_rate: int | tuple[int, int] = 1,
        padding: str = "same",
        activation: str | None = "relu",
        batch_norm: Mapping[str, Any] | None = None,
        depthwise_initializer: Any = None,
        pointwise_initializer: Any = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.depthwise = DepthwiseConvBatchNorm(
            kernel_size,
            strides,
            dilation_rate,
            padding,
            activation,
            batch_norm,
            depthwise_initializer or truncated_normal(0.33),
            name="depthwise",
            dtype=self.dtype_policy,
        )
        self.pointwise = ConvBatchNorm(
            filters,
            activation=activation,
            batch_norm=batch_norm,
            kernel_initializer=pointwise_initializer or truncated_normal(0.06),
            weight_decay=weight_decay,
            name="pointwise",
            dtype=self.dtype_policy,
        )

    def call(self, inputs: Any) -> Any:
        return self.pointwise(self.depthwise(inputs))
