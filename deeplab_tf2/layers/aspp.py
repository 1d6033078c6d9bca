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
    and projected. Maps [batch, height, width, channels] to [batch, height, width, filters].

    Args:
        atrous_rates: one rate per 3x3 branch; may be empty.
        filters: channels of each branch and of the output.
        image_level_feature: whether the image-level branch is there.
        separable: separable instead of plain 3x3 convolutions.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        atrous_rates: Sequence[int] = (6, 12, 18),
        filters: int = 256,
        image_level_feature: bool = True,
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
        self.branches = [ImagePooling(filters, **shared, name="image_pooling")] if image_level_feature else []
        self.branches += [ConvBatchNorm(filters, **shared, name="aspp0")]
        self.branches += [
            conv(filters, kernel_size=3, dilation_rate=rate, **shared, name=f"aspp{i}")
            for i, rate in enumerate(atrous_rates, start=1)
        ]
        self.projection = ConvBatchNorm(filters, **shared, name="concat_projection")
        self.dropout = Dropout(DROPOUT, dtype=self.dtype_policy)

    def call(self, inputs: Any) -> Any:
        joined = ops.concatenate([branch(inputs) for branch in self.branches], axis=-1)
        return self.dropout(self.projection(joined))
