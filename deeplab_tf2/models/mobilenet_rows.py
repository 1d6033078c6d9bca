"""The MobileNets as rows of data, and what becomes of the rows at a multiplier and an output stride."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from deeplab_tf2.config import InputError
from deeplab_tf2.models.plan import plan

DIVISOR = 8
RELU, RELU6, SWISH = "relu", "relu6", "hard_silu"


@dataclasses.dataclass(frozen=True)
class Row:
    """A layer as published.

    Attributes:
        kind: "conv"; "inverted", an inverted residual; or "fused", one whose expansion is a full convolution that
            takes the place of the depthwise one.
        kernel_size: side of the kernel, of the depthwise one in an inverted residual.
        expansion: inner width relative to the input's; 1 means no expansion. Convolutions have none.
        filters: output channels at multiplier 1.
        activation: name of a Keras activation; projections have none.
        stride: nominal stride.
        squeeze_excite: whether the inner features are gated by their mean.
        residual: whether the input is added where the shapes agree.
    """

    kind: str
    kernel_size: int
    expansion: float
    filters: int
    activation: str
    stride: int = 1
    squeeze_excite: bool = False
    residual: bool = True


@dataclasses.dataclass(frozen=True)
class Variant:
    """A network.

    Attributes:
        rows: its layers, numbered from 1 in the names of end points.
        low_level: numbers of the layers whose depthwise output serves a decoder, by stride.
        free_widths: whether widths at multipliers other than 1 need not be multiples of 8.
    """

    rows: tuple[Row, ...]
    low_level: Mapping[int, int]
    free_widths: bool = False


# Sandler et al. 2018, table 2, without the last convolution.
_V2 = (
    Row("conv", 3, 0, 32, RELU6, stride=2),
    Row("inverted", 3, 1, 16, RELU6),
    Row("inverted", 3, 6, 24, RELU6, stride=2),
    Row("inverted", 3, 6, 24, RELU6),
    Row("inverted", 3, 6, 32, RELU6, stride=2),
    *(Row("inverted", 3, 6, 32, RELU6),) * 2,
    Row("inverted", 3, 6, 64, RELU6, stride=2),
    *(Row("inverted", 3, 6, 64, RELU6),) * 3,
    *(Row("inverted", 3, 6, 96, RELU6),) * 3,
    Row("inverted", 3, 6, 160, RELU6, stride=2),
    *(Row("inverted", 3, 6, 160, RELU6),) * 2,
    Row("inverted", 3, 6, 320, RELU6),
)

# Howard et al. 2019, table 1, with the last block halved (section 6.4).
_V3_LARGE_SEG = (
    Row("conv", 3, 0, 16, SWISH, stride=2),
    Row("inverted", 3, 1, 16, RELU),
    Row("inverted", 3, 4, 24, RELU, stride=2),
    Row("inverted", 3, 3, 24, RELU),
    Row("inverted", 5, 3, 40, RELU, stride=2, squeeze_excite=True),
    *(Row("inverted", 5, 3, 40, RELU, squeeze_excite=True),) * 2,
    Row("inverted", 3, 6, 80, SWISH, stride=2),
    Row("inverted", 3, 2.5, 80, SWISH),
    *(Row("inverted", 3, 2.3, 80, SWISH),) * 2,
    *(Row("inverted", 3, 6, 112, SWISH, squeeze_excite=True),) * 2,
    Row("inverted", 5, 3, 80, SWISH, stride=2, squeeze_excite=True),
    *(Row("inverted", 5, 6, 80, SWISH, squeeze_excite=True),) * 2,
    Row("conv", 1, 0, 480, SWISH),
)

# Table 2 of the same, halved likewise.
_V3_SMALL_SEG = (
    Row("conv", 3, 0, 16, SWISH, stride=2),
    Row("inverted", 3, 1, 16, RELU, stride=2, squeeze_excite=True),
    Row("inverted", 3, 72 / 16, 24, RELU, stride=2),
    Row("inverted", 3, 88 / 24, 24, RELU),
    Row("inverted", 5, 4, 40, SWISH, stride=2, squeeze_excite=True),
    *(Row("inverted", 5, 6, 40, SWISH, squeeze_excite=True),) * 2,
    *(Row("inverted", 5, 3, 48, SWISH, squeeze_excite=True),) * 2,
    Row("inverted", 5, 3, 48, SWISH, stride=2, squeeze_excite=True),
    *(Row("inverted", 5, 6, 48, SWISH, squeeze_excite=True),) * 2,
    Row("conv", 1, 0, 288, SWISH),
)

_EDGETPU = (
    Row("conv", 3, 0, 32, RELU, stride=2),
    Row("fused", 3, 1, 16, RELU),
    Row("fused", 3, 8, 32, RELU, stride=2),
    *(Row("fused", 3, 4, 32, RELU),) * 3,
    Row("fused", 3, 8, 48, RELU, stride=2),
    *(Row("fused", 3, 4, 48, RELU),) * 3,
    Row("inverted", 3, 8, 96, RELU, stride=2),
    *(Row("inverted", 3, 4, 96, RELU),) * 3,
    Row("inverted", 3, 8, 96, RELU, residual=False),
    *(Row("inverted", 3, 4, 96, RELU),) * 3,
    Row("inverted", 5, 8, 160, RELU, stride=2),
    *(Row("inverted", 5, 4, 160, RELU),) * 3,
    Row("inverted", 3, 8, 192, RELU),
    Row("conv", 1, 0, 1280, RELU),
)

VARIANTS = {
    "mobilenet_v2": Variant(_V2, {4: 4, 8: 7, 16: 14}, free_widths=True),
    "mobilenet_v3_large_seg": Variant(_V3_LARGE_SEG, {4: 4, 8: 7, 16: 13}),
    "mobilenet_v3_small_seg": Variant(_V3_SMALL_SEG, {4: 2, 8: 4, 16: 9}),
    "mobilenet_edgetpu": Variant(_EDGETPU, {}),
}


@dataclasses.dataclass(frozen=True)
class LayerPlan:
    """How a layer runs; the attributes are those of `InvertedResidual`, and the kind is that of `Row`.

    In a convolution, `inner` is the number of input channels.
    """

    kind: str
    kernel_size: int
    inner: int
    filters: int
    activation: str
    stride: int
    rate: int
    squeezed: int
    expand: bool
    residual: bool


def make_divisible(value: float, divisor: int = DIVISOR, minimum: int | None = None) -> int:
    """The multiple of `divisor` nearest to `value`, but at least `minimum` and nine tenths of `value`.

    Args:
        value: a width.
        divisor: what the result is a multiple of.
        minimum: unset: `divisor`.
    """
    rounded = max(divisor if minimum is None else minimum, int(value + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * value else rounded


def widths(variant: str, depth_multiplier: float = 1.0, divisible_by: int | None = None) -> tuple[int, ...]:
    """Output channels of every layer, rounded as in the official network.

    They are multiples of 8, but of 1 in mobilenet_v2 at multipliers other than 1.

    Args:
        variant: key of `VARIANTS`.
        depth_multiplier: width relative to the published network.
        divisible_by: what mobilenet_v2's widths are multiples of instead.

    Raises:
        InputError: `divisible_by` is given for a network whose widths are always multiples of 8.
    """
    network = VARIANTS[variant]
    if divisible_by not in (None, DIVISOR) and not network.free_widths:
        raise InputError(
            f"divisible_by is {divisible_by}, but the widths of {variant} are always multiples of {DIVISOR}: "
            "leave divisible_by out, or choose mobilenet_v2"
        )
    free = network.free_widths and depth_multiplier != 1
    minimum = 1 if free else DIVISOR
    return tuple(
        make_divisible(row.filters * depth_multiplier, divisible_by or minimum, minimum) for row in network.rows
    )


def plan_layers(
    variant: str, depth_multiplier: float = 1.0, divisible_by: int | None = None, output_stride: int = 16
) -> tuple[LayerPlan, ...]:
    """The layers of a network at a multiplier and an output stride; arguments as those of `MobileNet`."""
    rows = VARIANTS[variant].rows
    filters = widths(variant, depth_multiplier, divisible_by)
    planned = plan([row.stride for row in rows], output_stride)
    return tuple(
        _plan_layer(row, before, after, stride, rate)
        for row, before, after, (stride, rate) in zip(rows, (3, *filters), filters, planned, strict=False)
    )


def _plan_layer(row: Row, before: int, after: int, stride: int, rate: int) -> LayerPlan:
    expand = row.expansion > 1
    inner = make_divisible(row.expansion * before) if expand else before
    return LayerPlan(
        row.kind,
        row.kernel_size,
        inner,
        after,
        row.activation,
        stride,
        rate if row.kernel_size > 1 else 1,
        squeezed=make_divisible(inner / 4) if row.squeeze_excite else 0,
        expand=expand,
        # The stride that is left counts, not the nominal one: a layer that gives up its stride may gain the addition.
        residual=row.kind != "conv" and row.residual and stride == 1 and before == after,
    )
