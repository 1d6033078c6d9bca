"""The image-level feature of DeepLabv3, and its squeeze-and-excitation form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.activations import activation
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.layers.window_mean import window_mean


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ImagePooling(Composite):
    """Mean, 1x1 convolution, batch norm, ReLU, back to the size of the map (DeepLabv3, section 3.3).

    Maps [batch, height, width, channels] to [batch, height, width, filters].

    Args:
        filters: output channels.
        strides: vertical and horizontal stride of the window, when there is one.
        gate: name of an activation that takes the place of batch norm and ReLU, for a feature that multiplies others
            (MobileNetV3, section 6.4); None for the image-level feature.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of the kernel.
    """

    def __init__(
        self,
        filters: int = 256,
        strides: tuple[int, int] = (1, 1),
        gate: str | None = None,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.strides = strides[0], strides[1]
        if gate is None:
            self.conv: Any = ConvBatchNorm(
                filters, batch_norm=batch_norm, weight_decay=weight_decay, name="conv", dtype=self.dtype_policy
            )
        else:
            regularizer = keras.regularizers.L2(weight_decay / 2) if weight_decay else None
            self.conv = keras.layers.Conv2D(
                filters,
                1,
                activation=activation(gate),
                kernel_regularizer=regularizer,
                name="conv",
                dtype=self.dtype_policy,
            )

    def call(self, inputs: Any, window: tuple[Any, Any] | None = None, mean: Any = None) -> Any:
        """The feature of `inputs`.

        Args:
            inputs: [batch, height, width, channels].
            window: (height, width) in features to average over; None for the whole map.
            mean: [1, 1, 1, channels] that takes the place of the mean, where `inputs` is part of a larger map; or None.
        """
        if mean is not None:
            pooled = ops.broadcast_to(ops.cast(mean, inputs.dtype), (ops.shape(inputs)[0], 1, 1, inputs.shape[-1]))
        elif window is None:
            pooled = ops.mean(inputs, axis=(1, 2), keepdims=True)
        else:
            pooled = window_mean(inputs, window, self.strides)
        return resize_bilinear(self.conv(pooled), tuple(ops.shape(inputs)[1:3]))
