"""Convolution, batch norm, activation: the unit that every part of the network is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.activations import activation as activation_named
from deeplab_tf2.layers.batch_norm import BatchNormalization
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.pointwise import Conv2D


def truncated_normal(stddev: float) -> dict[str, Any]:
    """The configuration of a truncated normal initializer."""
    return {"class_name": "TruncatedNormal", "config": {"stddev": stddev}}


def fixed_padding(inputs: Any, kernel_size: int, dilation_rate: int = 1) -> Any:
    """Pads [batch, height, width, channels] with zeros by the size of the kernel alone.

    Native SAME padding depends on the parity of the input and shifts the grid of strided convolutions on even
    sizes; this does not, so that dense and strided features stay aligned (DeepLabv3, section 3.1).
    """
    total = (kernel_size - 1) * dilation_rate
    begin = total // 2
    return ops.pad(inputs, [[0, 0], [begin, total - begin], [begin, total - begin], [0, 0]])


class _Normalized(Composite):
    """A convolution without bias, its batch norm and its activation."""

    def __init__(
        self,
        conv: Any,
        padding: str,
        activation: str | None,
        batch_norm: Mapping[str, Any] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.conv = conv
        self.fixed = padding == "fixed"
        self.batch_norm = BatchNormalization(**(batch_norm or {}), name="batch_norm", dtype=self.dtype_policy)
        self.activation = activation_named(activation)

    def call(self, inputs: Any) -> Any:
        if self.fixed:
            inputs = fixed_padding(inputs, self.conv.kernel_size[0], self.conv.dilation_rate[0])
        return self.activation(self.batch_norm(self.conv(inputs)))


def native_padding(padding: str) -> str:
    """Keras' name for the padding that is left to the convolution itself.

    Raises:
        ValueError: `padding` is neither "same" nor "fixed".
    """
    if padding not in ("same", "fixed"):
        raise ValueError(f"padding is {padding!r}; legal are 'same' and 'fixed'")
    return "valid" if padding == "fixed" else "same"


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ConvBatchNorm(_Normalized):
    """Convolution without bias, batch norm, activation.

    Args:
        filters: output channels.
        kernel_size: side of the square kernel.
        strides: stride on both axes.
        dilation_rate: atrous rate on both axes.
        padding: "same" (native) or "fixed" (by the kernel alone, see `fixed_padding`).
        activation: name of an activation (`layers.activations`), or None.
        batch_norm: arguments of `BatchNormalization`.
        kernel_initializer: name or configuration of a Keras initializer.
        weight_decay: L2 penalty, weight_decay * sum(w^2) / 2.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 1,
        strides: int = 1,
        dilation_rate: int = 1,
        padding: str = "same",
        activation: str | None = "relu",
        batch_norm: Mapping[str, Any] | None = None,
        kernel_initializer: Any = "glorot_uniform",
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        conv = Conv2D(
            filters,
            kernel_size,
            strides,
            native_padding(padding),
            dilation_rate=dilation_rate,
            use_bias=False,
            kernel_initializer=kernel_initializer,
            kernel_regularizer=keras.regularizers.L2(weight_decay / 2) if weight_decay else None,
            name="conv",
            dtype=kwargs.get("dtype"),
        )
        super().__init__(conv, padding, activation, batch_norm, **kwargs)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class DepthwiseConvBatchNorm(_Normalized):
    """Depthwise convolution without bias, batch norm, activation; never decayed.

    Args: as those of `ConvBatchNorm`, without `filters` and `weight_decay`; kernel size and rate may differ by axis.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int] = 3,
        strides: int = 1,
        dilation_rate: int | tuple[int, int] = 1,
        padding: str = "same",
        activation: str | None = "relu",
        batch_norm: Mapping[str, Any] | None = None,
        kernel_initializer: Any = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        conv = keras.layers.DepthwiseConv2D(
            kernel_size,
            strides,
            native_padding(padding),
            dilation_rate=dilation_rate,
            use_bias=False,
            depthwise_initializer=kernel_initializer,
            name="conv",
            dtype=kwargs.get("dtype"),
        )
        super().__init__(conv, padding, activation, batch_norm, **kwargs)
