"""Atrous spatial pyramid pooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.dropout import Dropout
from deeplab_tf2.layers.image_pooling import ImagePooling
from deeplab_tf2.layers.separable_conv import SeparableConv2D

DROPOUT = 0.1


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ASPP(Composite):
    """Looks at a feature map with several fields of view at once (DeepLabv3, section 3.3).

    Image-level feature, 1x1 convolution and one 3x3 convolution per atrous rate, in this order, are concatenated
    and projected. With a gate, the image-level feature multiplies the result instead (Lite R-ASPP, MobileNetV3,
    section 6.4). Maps [batch, height, width, channels] to [batch, height, width, filters].

    Args:
        atrous_rates: one rate per 3x3 branch; may be empty.
        filters: channels of each branch and of the output.
        image_level_feature: whether the image-level branch is there.
        separable: separable instead of plain 3x3 convolutions.
        projection: whether the concatenated branches are projected.
        gate: name of the activation of an image-level feature that multiplies; None for one that is concatenated.
        pooling_strides: see `ImagePooling`.
        activation: name of a Keras activation.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        atrous_rates: Sequence[int] = (6, 12, 18),
        filters: int = 256,
        image_level_feature: bool = True,
        separable: bool = True,
        projection: bool = True,
        gate: str | None = None,
        pooling_strides: tuple[int, int] = (1, 1),
        activation: str = "relu",
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
        self.multiplies = gate is not None
        self.image_pooling = (
            ImagePooling(filters, pooling_strides, gate, **shared, name="image_pooling")
            if image_level_feature
            else None
        )
        self.branches = [ConvBatchNorm(filters, activation=activation, **shared, name="aspp0")]
        self.branches += [
            conv(filters, kernel_size=3, dilation_rate=rate, activation=activation, **shared, name=f"aspp{i}")
            for i, rate in enumerate(atrous_rates, start=1)
        ]
        self.projection = None
        if projection:
            self.projection = ConvBatchNorm(filters, activation=activation, **shared, name="concat_projection")
            self.dropout = Dropout(DROPOUT, dtype=self.dtype_policy)

    def call(self, inputs: Any, pooling_size: tuple[Any, Any] | None = None, pooled: Any = None) -> Any:
        """The pyramid of `inputs`.

        Args:
            inputs: [batch, height, width, channels].
            pooling_size: (height, width) in features that the image-level feature averages over; None for all.
            pooled: the mean that it takes in place of that of `inputs`, see `ImagePooling`.
        """
        branches = [branch(inputs) for branch in self.branches]
        image_level = None
        if self.image_pooling is not None:
            image_level = self.image_pooling(inputs, window=pooling_size, mean=pooled)
        if image_level is not None and not self.multiplies:
            branches = [image_level, *branches]
        outputs = branches[0] if len(branches) == 1 else ops.concatenate(branches, axis=-1)
        if self.projection is not None:
            outputs = self.dropout(self.projection(outputs))
        return outputs * image_level if image_level is not None and self.multiplies else outputs
