"""The MobileNets as DeepLab uses them, made from the rows of `mobilenet_rows`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras

from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.layers.conv import ConvBatchNorm, DepthwiseConvBatchNorm, truncated_normal
from deeplab_tf2.layers.squeeze_excite import SqueezeExcite
from deeplab_tf2.models.mobilenet_rows import VARIANTS, LayerPlan, plan_layers

INITIALIZER = truncated_normal(0.09)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class InvertedResidual(Composite):
    """Expansion, depthwise convolution, squeeze-and-excitation, linear 1x1 projection, addition of the input.

    Maps [batch, height, width, channels] to a dictionary: "output", and as far as they are there
    "expansion_output" and "depthwise_output", both activated; squeeze-and-excitation comes after them.

    Args:
        kernel_size: side of the depthwise kernel; of the expansion's if that takes its place.
        inner: channels between expansion and projection.
        filters: output channels.
        activation: name of a Keras activation.
        stride: stride of the convolution with the kernel.
        rate: its atrous rate.
        squeezed: channels inside squeeze-and-excitation; 0: there is none.
        expand: whether the expansion is there.
        residual: whether the input is added to the output.
        fused: whether the expansion is a full convolution, and no depthwise one follows.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of all kernels but the depthwise one.
    """

    def __init__(
        self,
        kernel_size: int,
        inner: int,
        filters: int,
        activation: str,
        stride: int = 1,
        rate: int = 1,
        squeezed: int = 0,
        expand: bool = True,
        residual: bool = False,
        fused: bool = False,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        shared: dict[str, Any] = {"kernel_initializer": INITIALIZER, "dtype": self.dtype_policy}
        conv: dict[str, Any] = {**shared, "batch_norm": batch_norm, "weight_decay": weight_decay}
        spatial: dict[str, Any] = {"kernel_size": kernel_size, "strides": stride, "dilation_rate": rate}
        self.expand = self.depthwise = self.squeeze_excite = None
        if expand:
            self.expand = ConvBatchNorm(
                inner, activation=activation, **(spatial if fused else {}), **conv, name="expand"
            )
        if not fused:
            self.depthwise = DepthwiseConvBatchNorm(
                activation=activation, **spatial, **shared, batch_norm=batch_norm, name="depthwise"
            )
        if squeezed:
            self.squeeze_excite = SqueezeExcite(
                inner, squeezed, **shared, weight_decay=weight_decay, name="squeeze_excite"
            )
        self.project = ConvBatchNorm(filters, activation=None, **conv, name="project")
        self.residual = residual

    def call(self, inputs: Any) -> dict[str, Any]:
        points: dict[str, Any] = {}
        outputs = inputs
        if self.expand is not None:
            outputs = points["expansion_output"] = self.expand(outputs)
        if self.depthwise is not None:
            outputs = points["depthwise_output"] = self.depthwise(outputs)
        if self.squeeze_excite is not None:
            outputs = self.squeeze_excite(outputs)
        outputs = self.project(outputs)
        return {**points, "output": outputs + inputs if self.residual else outputs}


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class MobileNet(Composite):
    """MobileNetV2, MobileNetV3 (segmentation) or MobileNet-EdgeTPU, with native SAME padding.

    Sandler et al. 2018; Howard et al. 2019. Maps normalised images [batch, height, width, 3] to a dictionary:
    "backbone" [batch, h, w, channels] at the output stride, "low_level_4", "low_level_8", ... for a decoder
    (mobilenet_edgetpu has none), and the end points of each layer, "endpoint_layer_1/output",
    "endpoint_layer_3/expansion_output", "endpoint_layer_3/depthwise_output", ...

    Args:
        variant: key of `VARIANTS`.
        depth_multiplier: width relative to the published network.
        divisible_by: what mobilenet_v2's widths are multiples of; see `widths`.
        output_stride: 4, 8, 16 or 32.
        batch_norm: arguments of `BatchNormalization`.
        weight_decay: L2 penalty of all kernels but the depthwise ones.

    Raises:
        InputError: the network does not take `divisible_by`.
    """

    def __init__(
        self,
        variant: str = "mobilenet_v2",
        depth_multiplier: float = 1.0,
        divisible_by: int | None = None,
        output_stride: int = 16,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": variant, **kwargs})
        shared: dict[str, Any] = {"batch_norm": batch_norm, "weight_decay": weight_decay, "dtype": self.dtype_policy}
        self.low_level = dict(VARIANTS[variant].low_level)
        self.units: list[Any] = []
        numbers = {"Conv": 0, "expanded_conv": 0}
        for layer in plan_layers(variant, depth_multiplier, divisible_by, output_stride):
            name = "Conv" if layer.kind == "conv" else "expanded_conv"
            number = numbers[name]
            self.units.append(_unit(layer, name=f"{name}_{number}" if number else name, **shared))
            numbers[name] += 1

    @property
    def stem(self) -> Any:
        """The first convolution."""
        return self.units[0]

    def call(self, images: Any) -> dict[str, Any]:
        points: dict[str, Any] = {}
        outputs = images
        for number, unit in enumerate(self.units, start=1):
            result = unit(outputs)
            layer = result if isinstance(result, dict) else {"output": result}
            outputs = layer["output"]
            points.update({f"layer_{number}/{name}": value for name, value in layer.items()})
        return {
            "backbone": outputs,
            **{f"low_level_{stride}": points[f"layer_{n}/depthwise_output"] for stride, n in self.low_level.items()},
            **{f"endpoint_{name}": value for name, value in points.items()},
        }


def _unit(layer: LayerPlan, **shared: Any) -> ConvBatchNorm | InvertedResidual:
    if layer.kind == "conv":
        return ConvBatchNorm(
            layer.filters,
            layer.kernel_size,
            layer.stride,
            layer.rate,
            activation=layer.activation,
            kernel_initializer=INITIALIZER,
            **shared,
        )
    arguments = dataclasses.asdict(layer)
    return InvertedResidual(fused=arguments.pop("kind") == "fused", **arguments, **shared)
