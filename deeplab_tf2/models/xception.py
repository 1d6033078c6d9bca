"""Aligned Xception (DeepLabv3+, section 3.2): a table of blocks, and the network made from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import InputError
from deeplab_tf2.layers.activations import activation, clip6
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm, truncated_normal
from deeplab_tf2.layers.separable_conv import SeparableConv2D
from deeplab_tf2.models.plan import plan

INITIALIZER = truncated_normal(0.09)
STEM_STRIDE = 2


@dataclasses.dataclass(frozen=True)
class Block:
    """A row: `units` modules of three separable convolutions.

    Attributes:
        name: scope of the block, `__` for `/`.
        depths: output channels of the three separable convolutions.
        skip: shortcut, "conv" (projected), "sum" (identity) or "none".
        units: number of modules.
        stride: stride of the last separable convolution of each module.
        activation_inside: ReLU after every batch norm, instead of one before each separable convolution.
        low_level: stride under which the second separable convolution serves a decoder, or 0.
    """

    name: str
    depths: tuple[int, int, int]
    skip: str = "conv"
    units: int = 1
    stride: int = 1
    activation_inside: bool = False
    low_level: int = 0


_ENTRY = (
    Block("entry_flow__block1", (128, 128, 128), stride=2),
    Block("entry_flow__block2", (256, 256, 256), stride=2, low_level=4),
    Block("entry_flow__block3", (728, 728, 728), stride=2, low_level=8),
)
_ENTRY_71 = (
    Block("entry_flow__block1", (128, 128, 128), stride=2),
    Block("entry_flow__block2", (256, 256, 256)),
    Block("entry_flow__block3", (256, 256, 256), stride=2, low_level=4),
    Block("entry_flow__block4", (728, 728, 728)),
    Block("entry_flow__block5", (728, 728, 728), stride=2, low_level=8),
)
_EXIT = (
    Block("exit_flow__block1", (728, 1024, 1024), stride=2, low_level=16),
    Block("exit_flow__block2", (1536, 1536, 2048), skip="none", activation_inside=True),
)

VARIANTS = {
    "xception_41": (*_ENTRY, Block("middle_flow__block1", (728, 728, 728), "sum", units=8), *_EXIT),
    "xception_65": (*_ENTRY, Block("middle_flow__block1", (728, 728, 728), "sum", units=16), *_EXIT),
    "xception_71": (*_ENTRY_71, Block("middle_flow__block1", (728, 728, 728), "sum", units=16), *_EXIT),
}


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class XceptionModule(Composite):
    """Three separable convolutions and a shortcut.

    Maps [batch, height, width, channels] to the module's output and to the output of its second separable
    convolution (batch norm, no ReLU), which is what a decoder uses.

    Args:
        depths: output channels of the three convolutions.
        skip: "conv", "sum" or "none".
        stride: stride of the third convolution and of the shortcut.
        rates: atrous rates of the three convolutions.
        activation_inside: see `Block`.
        bounded: ReLU6 in place of ReLU, values cut to [-6, 6] where there is none, and native SAME padding.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of pointwise kernels.
    """

    def __init__(
        self,
        depths: Sequence[int],
        skip: str,
        stride: int,
        rates: Sequence[int],
        activation_inside: bool,
        bounded: bool = False,
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
        relu, linear = ("relu6", "clip6") if bounded else ("relu", None)
        self.skip = skip
        self.bounded = bounded
        self.before = activation(None if activation_inside else relu)
        self.convs = [
            SeparableConv2D(
                depth,
                strides=conv_stride,
                dilation_rate=rate,
                padding="fixed" if conv_stride > 1 and not bounded else "same",
                activation=relu if activation_inside else linear,
                depthwise_initializer=INITIALIZER,
                pointwise_initializer=INITIALIZER,
                **shared,
                name=f"separable_conv{i}",
            )
            for i, (depth, rate, conv_stride) in enumerate(zip(depths, rates, (1, 1, stride), strict=True), start=1)
        ]
        if skip == "conv":
            self.shortcut = ConvBatchNorm(
                depths[-1],
                strides=stride,
                activation=None,
                kernel_initializer=INITIALIZER,
                **shared,
                name="shortcut",
            )

    def call(self, inputs: Any) -> tuple[Any, Any]:
        outputs = []
        residual = inputs
        for conv in self.convs:
            residual = conv(self.before(residual))
            outputs.append(residual)
        if self.skip == "none":
            return residual, outputs[1]
        shortcut = self.shortcut(inputs) if self.skip == "conv" else inputs
        if self.bounded:
            return ops.relu6(clip6(residual) + clip6(shortcut)), outputs[1]
        return residual + shortcut, outputs[1]


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Xception(Composite):
    """Aligned Xception without its classifier.

    Maps normalised images [batch, height, width, 3] to a dictionary: "backbone" [batch, h, w, 2048] at the output
    stride, and "low_level_4", "low_level_8", ... at the strides of their keys.

    Args:
        variant: key of `VARIANTS`.
        output_stride: 4, 8, 16 or 32.
        multi_grid: factors on the rates of the last block's three convolutions.
        bounded: see `XceptionModule`.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of regular and pointwise kernels.
    """

    def __init__(
        self,
        variant: str = "xception_65",
        output_stride: int = 16,
        multi_grid: Sequence[int] | None = None,
        bounded: bool = False,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": variant, **kwargs})
        if multi_grid is not None and len(multi_grid) != 3:
            raise InputError(f"multi_grid is {tuple(multi_grid)}; {variant} takes three rates, for example 1,2,4")
        shared: dict[str, Any] = {
            "batch_norm": batch_norm,
            "weight_decay": weight_decay,
            "dtype": self.dtype_policy,
        }
        stem: dict[str, Any] = {"kernel_size": 3, "kernel_initializer": INITIALIZER, **shared}
        stem["activation"] = "relu6" if bounded else "relu"
        self.stem = [
            ConvBatchNorm(32, strides=STEM_STRIDE, padding="fixed", **stem, name="entry_flow__conv1_1"),
            ConvBatchNorm(64, **stem, name="entry_flow__conv1_2"),
        ]
        rows = [(block, unit) for block in VARIANTS[variant] for unit in range(1, block.units + 1)]
        planned = plan([block.stride for block, _ in rows], output_stride // STEM_STRIDE)
        self.taps = [block.low_level for block, _ in rows]
        # Not `modules`: on the PyTorch backend that is a method of every layer, and would not be saved.
        self.units = [
            XceptionModule(
                block.depths,
                block.skip,
                stride,
                [rate * factor for factor in (multi_grid if block.activation_inside and multi_grid else (1, 1, 1))],
                block.activation_inside,
                bounded,
                **shared,
                name=f"{block.name}__unit_{unit}__xception_module",
            )
            for (block, unit), (stride, rate) in zip(rows, planned, strict=True)
        ]

    def call(self, images: Any) -> dict[str, Any]:
        features: dict[str, Any] = {}
        outputs = images
        for conv in self.stem:
            outputs = conv(outputs)
        for tap, module in zip(self.taps, self.units, strict=True):
            outputs, low_level = module(outputs)
            if tap:
                features[f"low_level_{tap}"] = low_level
        return {"backbone": outputs, **features}
