"""What the cells of the NAS backbones are made of: a table of operations, and the layer made from a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.batch_norm import BatchNormalization
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import fixed_padding
from deeplab_tf2.layers.resize import resize_bilinear, scale_dimension

INITIALIZER = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
}
KERNELS = {keras.layers.Conv2D: ("kernel",), keras.layers.SeparableConv2D: ("depthwise", "pointwise")}


@dataclasses.dataclass(frozen=True)
class Kind:
    """An operation with weights: ReLU, convolution and batch norm, once or more.

    Attributes:
        names: of each convolution and its batch norm; `{0}` is the side of the kernel.
        layer: what convolves.
        rate: atrous rate where the cell has stride 1; above 1 a strided cell halves the map bilinearly instead.
    """

    names: tuple[tuple[str, str], ...]
    layer: Any = keras.layers.Conv2D
    rate: int = 1


KINDS = {
    "separable": Kind(
        (("separable_{0}x{0}_1", "bn_sep_{0}x{0}_1"), ("separable_{0}x{0}_2", "bn_sep_{0}x{0}_2")),
        keras.layers.SeparableConv2D,
    ),
    "atrous": Kind((("atrous_{0}x{0}", "bn_atr_{0}x{0}"),), rate=2),
    "none": Kind((("1x1", "bn_1"),)),
}


def conv_norm(
    names: tuple[str, str],
    filters: int,
    kernel_size: int = 1,
    strides: int = 1,
    dilation_rate: int = 1,
    layer: Any = keras.layers.Conv2D,
    batch_norm: Mapping[str, Any] | None = None,
    weight_decay: float = 0.0,
    dtype: Any = None,
) -> tuple[Any, Any]:
    """A convolution without bias and its batch norm, which stand side by side under their own names.

    Args:
        names: of the two.
        filters: output channels.
        kernel_size: side of the square kernel.
        strides: stride on both axes.
        dilation_rate: atrous rate on both axes.
        layer: key of `KERNELS`.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of all kernels, weight_decay * sum(w^2) / 2.
        dtype: dtype policy of both.

    Returns:
        The pair, for `convolve`.
    """
    decay = keras.regularizers.L2(weight_decay / 2) if weight_decay else None
    conv = layer(
        filters,
        kernel_size,
        strides,
        "valid" if strides > 1 and kernel_size > 1 else "same",
        dilation_rate=dilation_rate,
        use_bias=False,
        **{f"{kernel}_initializer": INITIALIZER for kernel in KERNELS[layer]},
        **{f"{kernel}_regularizer": decay for kernel in KERNELS[layer]},
        name=names[0],
        dtype=dtype,
    )
    return conv, BatchNormalization(**(batch_norm or {}), name=names[1], dtype=dtype)


def convolve(pair: tuple[Any, Any], inputs: Any) -> Any:
    """Applies what `conv_norm` made; a strided convolution pads by its kernel alone."""
    conv, norm = pair
    if conv.padding == "valid":
        inputs = fixed_padding(inputs, conv.kernel_size[0])
    return norm(conv(inputs))


def rescale(inputs: Any, scale: float) -> Any:
    """Resizes [batch, height, width, channels] by a factor: 2 makes 2n - 1 pixels of n, 0.5 keeps every corner."""
    return resize_bilinear(inputs, tuple(scale_dimension(side, scale) for side in ops.shape(inputs)[1:3]))


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Operation(Composite):
    """ReLU, convolution and batch norm, as often as the row says; only the first has the stride.

    Maps [batch, height, width, channels] to [batch, height / stride, width / stride, filters], rounded up.

    Args:
        kind: key of `KINDS`.
        kernel_size: side of the kernels.
        filters: output channels.
        stride: 1 or 2.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of all kernels, depthwise ones too.
    """

    def __init__(
        self,
        kind: str,
        kernel_size: int,
        filters: int,
        stride: int,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        row = KINDS[kind]
        self.halved = row.rate > 1 and stride > 1
        self.pairs = [
            conv_norm(
                (conv.format(kernel_size), norm.format(kernel_size)),
                filters,
                kernel_size,
                1 if i or self.halved else stride,
                1 if self.halved else row.rate,
                row.layer,
                batch_norm,
                weight_decay,
                self.dtype_policy,
            )
            for i, (conv, norm) in enumerate(row.names)
        ]

    def call(self, inputs: Any) -> Any:
        for pair in self.pairs:
            inputs = ops.relu(inputs)
            if self.halved:
                inputs = rescale(inputs, 0.5)
            inputs = convolve(pair, inputs)
        return inputs
