"""MobileNetV2 as DeepLab uses it: a table of rows, and the network made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm, DepthwiseConvBatchNorm, truncated_normal
from deeplab_tf2.models.plan import plan

INITIALIZER = truncated_normal(0.09)
STEM_FILTERS = 32
STEM_STRIDE = 2


@dataclasses.dataclass(frozen=True)
class Row:
    """An inverted residual: expansion factor, output channels at multiplier 1, nominal stride, decoder stride."""

    expansion: int
    filters: int
    stride: int = 1
    low_level: int = 0


ROWS = (
    Row(1, 16),
    Row(6, 24, stride=2),
    Row(6, 24, low_level=4),
    Row(6, 32, stride=2),
    *(Row(6, 32),),
    Row(6, 32, low_level=8),
    Row(6, 64, stride=2),
    *(Row(6, 64),) * 3,
    *(Row(6, 96),) * 2,
    Row(6, 96, low_level=16),
    Row(6, 160, stride=2),
    *(Row(6, 160),) * 2,
    Row(6, 320),
)


def make_divisible(value: float, divisor: int) -> int:
    """The multiple of `divisor` nearest to `value`, at least `divisor` and at least nine tenths of `value`."""
    rounded = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def widths(depth_multiplier: float, divisible_by: int | None = None) -> tuple[int, ...]:
    """Output channels of the stem and of every row.

    As in the official network, widths are multiples of 8 at multiplier 1 and of 1 at any other, unless
    `divisible_by` is given.
    """
    divisor = divisible_by or (8 if depth_multiplier == 1 else 1)
    filters = (STEM_FILTERS, *(row.filters for row in ROWS))
    return tuple(make_divisible(width * depth_multiplier, divisor) for width in filters)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class InvertedResidual(Composite):
    """1x1 expansion, depthwise 3x3, linear 1x1 projection, residual where the shapes agree.

    Maps [batch, height, width, channels] to the block's output and to its depthwise output, which is what a
    decoder uses.

    Args:
        expanded: channels of the depthwise convolution; equal to the input's, there is no expansion.
        filters: output channels.
        stride: stride of the depthwise convolution.
        rate: atrous rate of the depthwise convolution.
        residual: whether the input is added to the output.
        expand: whether the 1x1 expansion is there.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of the 1x1 kernels.
    """

    def __init__(
        self,
        expanded: int,
        filters: int,
        stride: int,
        rate: int,
        residual: bool,
        expand: bool,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        shared: dict[str, Any] = {
            "kernel_initializer": INITIALIZER,
            "batch_norm": batch_norm,
            "dtype": self.dtype_policy,
        }
        pointwise: dict[str, Any] = {**shared, "weight_decay": weight_decay}
        self.residual = residual
        self.expand = ConvBatchNorm(expanded, activation="relu6", **pointwise, name="expand") if expand else None
        self.depthwise = DepthwiseConvBatchNorm(
            strides=stride, dilation_rate=rate, activation="relu6", **shared, name="depthwise"
        )
        self.project = ConvBatchNorm(filters, activation=None, **pointwise, name="project")

    def call(self, inputs: Any) -> tuple[Any, Any]:
        low_level = self.depthwise(inputs if self.expand is None else self.expand(inputs))
        outputs = self.project(low_level)
        return (outputs + inputs if self.residual else outputs), low_level


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class MobileNetV2(Composite):
    """MobileNetV2 up to its last inverted residual (Sandler et al. 2018, table 2), with native SAME padding.

    Maps normalised images [batch, height, width, 3] to a dictionary: "backbone" [batch, h, w, 320 x multiplier] at
    the output stride, and "low_level_4", "low_level_8", ... at the strides of their keys.

    Args:
        depth_multiplier: width relative to the published network.
        divisible_by: see `widths`.
        output_stride: 8, 16 or 32.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        depth_multiplier: float = 1.0,
        divisible_by: int | None = None,
        output_stride: int = 16,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": "mobilenet_v2", **kwargs})
        shared: dict[str, Any] = {
            "batch_norm": batch_norm,
            "weight_decay": weight_decay,
            "dtype": self.dtype_policy,
        }
        filters = widths(depth_multiplier, divisible_by)
        (stride, rate), *planned = plan([STEM_STRIDE, *(row.stride for row in ROWS)], output_stride)
        self.stem = ConvBatchNorm(
            filters[0],
            kernel_size=3,
            strides=stride,
            dilation_rate=rate,
            activation="relu6",
            kernel_initializer=INITIALIZER,
            **shared,
            name="Conv",
        )
        self.taps = [row.low_level for row in ROWS]
        self.blocks = [
            InvertedResidual(
                make_divisible(row.expansion * before, 8) if row.expansion > 1 else before,
                after,
                stride,
                rate,
                residual=row.stride == 1 and before == after,
                expand=row.expansion > 1,
                **shared,
                name=f"expanded_conv_{i}" if i else "expanded_conv",
            )
            for i, (row, before, after, (stride, rate)) in enumerate(
                zip(ROWS, filters, filters[1:], planned, strict=False)
            )
        ]

    def call(self, images: Any) -> dict[str, Any]:
        features: dict[str, Any] = {}
        outputs = self.stem(images)
        for tap, block in zip(self.taps, self.blocks, strict=True):
            outputs, low_level = block(outputs)
            if tap:
                features[f"low_level_{tap}"] = low_level
        return {"backbone": outputs, **features}
