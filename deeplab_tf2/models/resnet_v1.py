"""ResNet v1 as DeepLab uses it: a table of variants, and the network made from it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import OUTPUT_STRIDES, InputError
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm
from deeplab_tf2.models.plan import plan

# He et al. 2015. Against truncation, official code takes 1.3 times the variance where Keras takes the exact 1.2925:
# standard deviations agree to 0.3 %.
INITIALIZER = {
    "class_name": "VarianceScaling",
    "config": {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal"},
}
# A convolution and a pooling layer, which always keep their strides.
ROOT_STRIDE = 4


@dataclasses.dataclass(frozen=True)
class Conv:
    """A convolution of a unit: kernel size, share of the unit's depth (1 / `share`), whether it has the stride."""

    kernel_size: int
    share: int = 1
    strided: bool = False


UNITS = {
    "bottleneck_v1": (Conv(1, share=4), Conv(3, share=4, strided=True), Conv(1)),
    "lite_bottleneck_v1": (Conv(3), Conv(3, strided=True)),
}


@dataclasses.dataclass(frozen=True)
class RootConv:
    """A convolution of the root: name, kernel size, output channels; the first has stride 2."""

    name: str
    kernel_size: int
    filters: int


@dataclasses.dataclass(frozen=True)
class Block:
    """`units` units of `depth` channels.

    The last unit has the block's stride; the one before it serves a decoder under `low_level`, still at the size of
    the block's input.
    """

    name: str
    units: int
    depth: int
    stride: int = 1
    low_level: int = 0


@dataclasses.dataclass(frozen=True)
class Variant:
    """A row: root, kind of unit (key of `UNITS`), blocks."""

    root: tuple[RootConv, ...]
    unit: str
    blocks: tuple[Block, ...]


def _beta(width: int) -> tuple[RootConv, ...]:
    return RootConv("conv1_1", 3, width), RootConv("conv1_2", 3, width), RootConv("conv1_3", 3, 2 * width)


def _blocks(depth: int, *units: int) -> tuple[Block, ...]:
    return (
        Block("block1", units[0], depth, stride=2, low_level=4),
        Block("block2", units[1], depth * 2, stride=2, low_level=8),
        Block("block3", units[2], depth * 4, stride=2, low_level=16),
        Block("block4", units[3], depth * 8),
    )


_PLAIN = (RootConv("conv1", 7, 64),)
_18 = _blocks(64, 2, 2, 2, 2)
_50 = _blocks(256, 3, 4, 6, 3)
_101 = _blocks(256, 3, 4, 23, 3)

VARIANTS = {
    "resnet_v1_18": Variant(_PLAIN, "lite_bottleneck_v1", _18),
    "resnet_v1_18_beta": Variant(_beta(16), "lite_bottleneck_v1", _18),
    "resnet_v1_50": Variant(_PLAIN, "bottleneck_v1", _50),
    "resnet_v1_50_beta": Variant(_beta(64), "bottleneck_v1", _50),
    "resnet_v1_101": Variant(_PLAIN, "bottleneck_v1", _101),
    "resnet_v1_101_beta": Variant(_beta(64), "bottleneck_v1", _101),
}


_conv_batch_norm = functools.partial(ConvBatchNorm, kernel_initializer=INITIALIZER)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ResidualUnit(Composite):
    """Two or three convolutions and a shortcut, then ReLU.

    Maps [batch, height, width, channels] to the unit's output and to its residual (batch norm, before addition and
    ReLU), which is what a decoder uses.

    Args:
        kind: key of `UNITS`.
        depth: output channels.
        stride: stride of the unit.
        rate: atrous rate of the 3x3 convolutions.
        project: whether the shortcut is a 1x1 convolution; otherwise it is the input, subsampled by the stride.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of the kernels.
    """

    def __init__(
        self,
        kind: str,
        depth: int,
        stride: int,
        rate: int,
        project: bool,
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
        self.stride = stride
        self.convs = [
            _conv_batch_norm(
                depth // conv.share,
                conv.kernel_size,
                strides=stride if conv.strided else 1,
                dilation_rate=rate if conv.kernel_size > 1 else 1,
                padding="fixed" if conv.strided and stride > 1 else "same",
                activation="relu" if number < len(UNITS[kind]) else None,
                **shared,
                name=f"conv{number}",
            )
            for number, conv in enumerate(UNITS[kind], start=1)
        ]
        self.shortcut = (
            _conv_batch_norm(depth, strides=stride, activation=None, **shared, name="shortcut") if project else None
        )

    def call(self, inputs: Any) -> tuple[Any, Any]:
        residual = inputs
        for conv in self.convs:
            residual = conv(residual)
        shortcut = inputs[:, :: self.stride, :: self.stride] if self.shortcut is None else self.shortcut(inputs)
        return ops.relu(shortcut + residual), residual


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class ResNetV1(Composite):
    """ResNet v1 without its classifier (He et al. 2016; atrous as in DeepLabv3, section 3.1).

    Maps normalised images [batch, height, width, 3] to a dictionary: "backbone" [batch, h, w, 2048], or 512 channels
    of the 18 layers' variants, at the output stride, and "low_level_4", "low_level_8", ... at the strides of their
    keys. "Beta" variants have three 3x3 convolutions in place of the 7x7 one.

    Args:
        variant: key of `VARIANTS`.
        output_stride: 4, 8, 16 or 32.
        multi_grid: factors on the rates of the last block's units; unset: 1 for each.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of the kernels.

    Raises:
        InputError: an argument has no legal value.
    """

    def __init__(
        self,
        variant: str = "resnet_v1_101_beta",
        output_stride: int = 16,
        multi_grid: Sequence[int] | None = None,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": variant, **kwargs})
        row, factors = _checked(variant, output_stride, multi_grid)
        shared: dict[str, Any] = {
            "batch_norm": batch_norm,
            "weight_decay": weight_decay,
            "dtype": self.dtype_policy,
        }
        first, *others = row.root
        self.root = [
            _conv_batch_norm(first.filters, first.kernel_size, strides=2, padding="fixed", **shared, name=first.name),
            *(_conv_batch_norm(conv.filters, conv.kernel_size, **shared, name=conv.name) for conv in others),
        ]
        self.pool = keras.layers.MaxPooling2D(3, 2, padding="same", dtype=self.dtype_policy, name="pool1")
        self.taps = [
            block.low_level if unit == block.units - 1 else 0
            for block in row.blocks
            for unit in range(1, block.units + 1)
        ]
        self.units = _units(row, output_stride, factors, shared)

    def call(self, images: Any) -> dict[str, Any]:
        features: dict[str, Any] = {}
        outputs = images
        for conv in self.root:
            outputs = conv(outputs)
        outputs = self.pool(outputs)
        for tap, unit in zip(self.taps, self.units, strict=True):
            outputs, residual = unit(outputs)
            if tap:
                features[f"low_level_{tap}"] = residual
        return {"backbone": outputs, **features}


def _checked(variant: str, output_stride: int, multi_grid: Sequence[int] | None) -> tuple[Variant, Sequence[int]]:
    """The row of a variant and the factors on the rates of its last block's units."""
    if variant not in VARIANTS:
        raise InputError(f"variant is {variant!r}; legal are {', '.join(VARIANTS)}")
    if output_stride not in OUTPUT_STRIDES:
        raise InputError(f"output_stride is {output_stride}; legal are {', '.join(map(str, OUTPUT_STRIDES))}")
    row = VARIANTS[variant]
    count = row.blocks[-1].units
    factors = (1,) * count if multi_grid is None else multi_grid
    if len(factors) != count or min(factors) < 1:
        example = ",".join(str(2**power) for power in range(count))
        raise InputError(
            f"multi_grid is {tuple(factors)}; {variant} takes {count} rates of 1 or more, for example {example}"
        )
    return row, factors


def _units(row: Variant, output_stride: int, factors: Sequence[int], shared: dict[str, Any]) -> list[ResidualUnit]:
    rows = [(block, unit) for block in row.blocks for unit in range(1, block.units + 1)]
    planned = plan([block.stride if unit == block.units else 1 for block, unit in rows], output_stride // ROOT_STRIDE)
    depths = [row.root[-1].filters, *(block.depth for block, _ in rows)]
    return [
        ResidualUnit(
            row.unit,
            block.depth,
            stride,
            rate * (factors[unit - 1] if block is row.blocks[-1] else 1),
            project=before != block.depth,
            **shared,
            name=f"{block.name}__unit_{unit}__{row.unit}",
        )
        for (block, unit), (stride, rate), before in zip(rows, planned, depths, strict=False)
    ]
