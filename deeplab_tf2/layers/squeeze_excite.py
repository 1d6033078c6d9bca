"""Squeeze-and-excitation with the cheap gate of MobileNetV3."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.activations import q_sigmoid
from deeplab_tf2.layers.composite import Composite


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class SqueezeExcite(Composite):
    """Multiplies each channel by a gate made from the mean of all channels (Howard et al. 2019, section 5.3).

    Maps [batch, height, width, channels] to the same shape.

    Args:
        channels: channels of the input.
        squeezed: channels between the two 1x1 convolutions, which have biases and no batch norm.
        kernel_initializer: name or configuration of a Keras initializer.
        weight_decay: L2 penalty of the kernels, weight_decay * sum(w^2) / 2.
    """

    def __init__(
        self,
        channels: int,
        squeezed: int,
        kernel_initializer: Any = "glorot_uniform",
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        shared: dict[str, Any] = {
            "kernel_initializer": kernel_initializer,
            "kernel_regularizer": keras.regularizers.L2(weight_decay / 2) if weight_decay else None,
            "dtype": self.dtype_policy,
        }
        self.squeeze = keras.layers.Conv2D(squeezed, 1, activation="relu", **shared, name="Conv")
        self.excite = keras.layers.Conv2D(channels, 1, activation=q_sigmoid, **shared, name="Conv_1")

    def call(self, inputs: Any) -> Any:
        return inputs * self.excite(self.squeeze(ops.mean(inputs, axis=(1, 2), keepdims=True)))
