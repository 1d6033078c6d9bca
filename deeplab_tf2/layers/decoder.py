"""The decoder of DeepLabv3+."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.layers.separable_conv import SeparableConv2D

LOW_LEVEL_FILTERS = 48


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Decoder(Composite):
    """Sharpens encoder features with low-level features of the backbone (DeepLabv3+, section 3.1).

    Each stage brings the features and a projected low-level feature to one size and merges them: concatenated and
    convolved twice, or convolved and added.

    Args:
        stages: number of low-level features.
        filters: channels of the convolutions.
        separable: separable instead of plain convolutions.
        sum_merge: add instead of concatenate; the low-level feature is then projected to `filters` channels.
        output_is_logits: plain convolutions with bias, without batch norm and activation: the result is the logits.
        activation: name of a Keras activation.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        stages: int = 1,
        filters: int = 256,
        separable: bool = True,
        sum_merge: bool = False,
        output_is_logits: bool = False,
        activation: str = "relu",
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        regularizer = keras.regularizers.L2(weight_decay / 2) if weight_decay else None
        separable = separable and not output_is_logits

        def conv(channels: int, kernel_size: int, name: str) -> Any:
            if output_is_logits:
                return keras.layers.Conv2D(
                    channels, kernel_size, padding="same", kernel_regularizer=regularizer, name=name,
                    dtype=self.dtype_policy,
                )  # fmt: skip
            kind = SeparableConv2D if separable and kernel_size > 1 else ConvBatchNorm
            return kind(
                channels, kernel_size=kernel_size, activation=activation, batch_norm=batch_norm,
                weight_decay=weight_decay, name=name, dtype=self.dtype_policy,
            )  # fmt: skip

        self.sum_merge = sum_merge
        suffixes = [f"_{stage}" if stage else "" for stage in range(stages)]
        self.projections = [
            conv(filters if sum_merge else LOW_LEVEL_FILTERS, 1, f"feature_projection0{suffix}") for suffix in suffixes
        ]
        kernel_size = 1 if sum_merge and output_is_logits else 3
        self.convs = [
            conv(filters, kernel_size, name)
            for suffix in suffixes
            for name in _conv_names(suffix, separable, sum_merge)
        ]

    def call(self, features: Any, low_levels: Sequence[Any], sizes: Sequence[tuple[Any, Any]]) -> Any:
        """Merges the features with each low-level feature in turn.

        Args:
            features: encoder output [batch, h, w, channels].
            low_levels: backbone features [batch, h', w', channels'], one a stage.
            sizes: (height, width) of each stage.

        Returns:
            [batch, height, width, filters] at the size of the last stage.
        """
        convs = iter(self.convs)
        for projection, low_level, size in zip(self.projections, low_levels, sizes, strict=True):
            features, low_level = resize_bilinear(features, size), resize_bilinear(projection(low_level), size)
            if self.sum_merge:
                features = next(convs)(features) + low_level
            else:
                features = next(convs)(ops.concatenate([features, low_level], axis=-1))
                features = next(convs)(features)
        return features


def _conv_names(suffix: str, separable: bool, sum_merge: bool) -> tuple[str, ...]:
    """Official scopes of a stage's convolutions."""
    if sum_merge:
        return (f"decoder_split_sep_conv0{suffix}" if separable else f"decoder_conv0{suffix}",)
    if separable:
        return f"decoder_conv0{suffix}", f"decoder_conv1{suffix}"
    scope = f"decoder_conv0{suffix}"
    return f"{scope}__{scope}_1", f"{scope}__{scope}_2"
