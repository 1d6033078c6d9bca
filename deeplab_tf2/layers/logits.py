"""The last layer: one score per class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import truncated_normal


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Logits(Composite):
    """A convolution to the classes, or the sum of several with different atrous rates (DeepLabv2, section 3.2).

    Maps [batch, height, width, channels] to [batch, height, width, num_classes].

    Args:
        num_classes: output channels.
        atrous_rates: one convolution for each.
        kernel_size: side of their kernels.
        weight_decay: L2 penalty of the kernels.
    """

    def __init__(
        self,
        num_classes: int,
        atrous_rates: Sequence[int] = (1,),
        kernel_size: int = 1,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.convs = [
            keras.layers.Conv2D(
                num_classes,
                kernel_size,
                padding="same",
                dilation_rate=rate,
                kernel_initializer=truncated_normal(0.01),
                kernel_regularizer=keras.regularizers.L2(weight_decay / 2) if weight_decay else None,
                name=f"semantic_{i}" if i else "semantic",
                dtype=self.dtype_policy,
            )
            for i, rate in enumerate(atrous_rates)
        ]

    @property
    def kernel(self) -> Any:
        """The kernel of the first convolution."""
        return self.convs[0].kernel

    def call(self, inputs: Any) -> Any:
        first, *others = (conv(inputs) for conv in self.convs)
        return sum(others, start=first)
