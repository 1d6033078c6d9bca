"""A searched cell in the place of ASPP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.dropout import Dropout
from deeplab_tf2.layers.resize import resize_bilinear, scale_dimension
from deeplab_tf2.layers.separable_conv import SeparableConv2D
from deeplab_tf2.layers.window_mean import window_mean

DROPOUT = 0.1


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class DensePredictionCell(Composite):
    """Branches that read the backbone or each other, all concatenated and projected (Chen et al. 2018, section 3).

    Maps [batch, height, width, channels] to [batch, height, width, filters].

    Args:
        branches: dictionaries as in the official JSON: "op" ("conv" or "pyramid_pooling"), "input" (-1 for the
            backbone, else the index of an earlier branch), "kernel" and "rate" [vertical, horizontal] of a
            convolution, "grid_size" [vertical, horizontal] of a pooling.
        output_stride: stride of the features; rates are meant for 16.
        filters: channels of each branch and of the output.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        branches: Sequence[Mapping[str, Any]],
        output_stride: int = 16,
        filters: int = 256,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": "meta_architecture", **kwargs})
        shared: dict[str, Any] = {
            "batch_norm": batch_norm,
            "weight_decay": weight_decay,
            "dtype": self.dtype_policy,
        }
        self.sources = [int(branch["input"]) for branch in branches]
        self.windows = [
            tuple(1 / (output_stride * cells) for cells in branch["grid_size"])
            if branch["op"] == "pyramid_pooling"
            else None
            for branch in branches
        ]
        self.convs: list[Any] = []
        for i, branch in enumerate(branches):
            if branch["op"] == "pyramid_pooling" or branch["kernel"] in (1, [1, 1], (1, 1)):
                self.convs.append(ConvBatchNorm(filters, **shared, name=f"branch{i}"))
                continue
            vertical, horizontal = (int(rate) * (16 // output_stride) for rate in branch["rate"])
            rates = (vertical, horizontal)
            self.convs.append(
                SeparableConv2D(filters, branch["kernel"], dilation_rate=rates, **shared, name=f"branch{i}")
            )
        self.dropout = Dropout(DROPOUT, dtype=self.dtype_policy)
        self.projection = ConvBatchNorm(filters, **shared, name="concat_projection")

    def call(self, inputs: Any, pooling_size: tuple[Any, Any]) -> Any:
        """The cell's answer to `inputs`.

        Args:
            inputs: [batch, height, width, channels].
            pooling_size: (height, width) in input pixels of what a pooling's grid divides.
        """
        size = tuple(ops.shape(inputs)[1:3])
        outputs: list[Any] = []
        for source, scales, conv in zip(self.sources, self.windows, self.convs, strict=True):
            features = inputs if source < 0 else outputs[source]
            if scales is not None:
                window = tuple(scale_dimension(side, scale) for side, scale in zip(pooling_size, scales, strict=True))
                features = window_mean(features, (window[0], window[1]))
            outputs.append(resize_bilinear(conv(features), (size[0], size[1])))
        return self.projection(self.dropout(ops.concatenate(outputs, axis=-1)))
