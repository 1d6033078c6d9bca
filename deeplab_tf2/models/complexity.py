"""Parameters and multiply-adds of a network, read off the shapes of its own layers; nothing is computed.

Two counts stand side by side:

    exact      kernel height x width x input channels x filters x output height x width, over all convolutions
               (depthwise: kernel height x width x channels x output height x width)
    published  how the DeepLab papers and the official model zoo count: half the floating point operations that the
               TF1 profiler saw in the graph. Beside the convolutions that is
               - the rest of the tiles into which TF1 cut the input of a dilated convolution: both sides of its output
                 count rounded up to a multiple of the rate;
               - 2.5 for each weight of a kernel, once a network: two operations of its initializer (times deviation,
                 plus mean) and three of its L2 penalty, halved;
               - 1 for each value of the input image (times and minus, halved), 1.5 for each that a hard swish takes,
                 and 1 for each that a squeeze-and-excitation takes (mean and product).

What is left out, residual additions and pooling, is 0.01 to 0.07 % of the total, in MobileNetV3 0.2 %.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.layers.squeeze_excite import SqueezeExcite
from deeplab_tf2.models.deeplab import DeepLab

PARTS = ("backbone", "aspp", "decoder", "logits")
CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D)


@dataclasses.dataclass(frozen=True)
class Call:
    """A layer that was called, and the multiply-adds of this call in both counts."""

    layer: Any
    exact: int
    published: int


@dataclasses.dataclass(frozen=True)
class Part:
    """What a part of a network costs.

    Attributes:
        name: attribute of `DeepLab` under which the part lives, or "total".
        exact: multiply-adds by true output shapes.
        published: multiply-adds as papers and model zoo count them.
        trainable: trainable parameters.
        parameters: all parameters, moving statistics included.
    """

    name: str
    exact: int
    published: int
    trainable: int
    parameters: int


@dataclasses.dataclass(frozen=True)
class Complexity:
    """The costs of the parts of a network, in the order in which an image meets them."""

    parts: tuple[Part, ...]

    @property
    def total(self) -> Part:
        """The sum of the parts."""
        columns = [field.name for field in dataclasses.fields(Part) if field.name != "name"]
        return Part("total", **{column: sum(getattr(part, column) for part in self.parts) for column in columns})


class _Contents:
    """What lies in a part, gathered once: Keras takes its time over it."""

    def __init__(self, name: str, part: Any) -> None:
        layers = list(part._flatten_layers())
        self.name = name
        self.layers = {id(layer) for layer in layers}
        self.kernels = sum(_kernel_weights(layer) for layer in layers if isinstance(layer, CONVOLUTIONS))
        self.trainable = sum(map(_size, part.trainable_weights))
        self.parameters = sum(map(_size, part.weights))

    def cost(self, calls: Sequence[Call]) -> Part:
        """The part's share of the calls."""
        own = [call for call in calls if id(call.layer) in self.layers]
        exact = sum(call.exact for call in own)
        published = sum(call.published for call in own) + 5 * self.kernels // 2
        return Part(self.name, exact, published, self.trainable, self.parameters)


class Meter:
    """Counts one network at any number of input sizes.

    Its weights have shapes and no values. In a pass each convolution answers with zeros of its output shape, and says
    so; all is symbolic, on every backend.

    Args:
        config: the network's settings.
    """

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        # Keras remembers, by thread, what has no value yet and would fill it in later: that ends with this thread.
        with ThreadPoolExecutor(max_workers=1) as thread:
            self.network = thread.submit(_without_values, config.replace(image_pyramid=None)).result()
        self._calls: list[Call] = []
        self._passes: dict[tuple[int, int, float], list[Call]] = {}
        attributes: dict[str, Any] = {name: getattr(self.network, name) for name in PARTS}
        self._parts = [_Contents(name, part) for name, part in attributes.items() if part is not None]
        backbone = attributes["backbone"]
        backbone.call = self._counted(backbone, backbone.call, 2)
        for layer in self.network._flatten_layers():
            if isinstance(layer, CONVOLUTIONS):
                layer.call = self._convolution(layer)
            elif isinstance(layer, keras.layers.BatchNormalization):
                layer.call = _unchanged
            elif isinstance(layer, SqueezeExcite):
                layer.call = self._counted(layer, layer.call, 2)  # type: ignore[method-assign]
            elif getattr(layer, "activation", None) is keras.activations.hard_silu:
                layer.activation = self._counted(layer, layer.activation, 3)

    def count(self, height: int, width: int, scales: Sequence[float] | None = None, flip: bool = False) -> Complexity:
        """The cost of one image of `height` x `width` pixels.

        Args:
            height: of the image, in pixels.
            width: of the image, in pixels.
            scales: input scales, each a pass of its own; unset: those of the configuration's `image_pyramid`.
            flip: whether each scale also sees the image mirrored.

        Raises:
            InputError: the size is no size.
        """
        if min(height, width) < 1:
            raise InputError(f"the image is {height} x {width} pixels; each side must be at least 1")
        scales = tuple(scales or self.config.image_pyramid or (1.0,))
        calls = [call for scale in scales for call in self._pass(height, width, scale)] * (2 if flip else 1)
        return Complexity(tuple(part.cost(calls) for part in self._parts))

    def _pass(self, height: int, width: int, scale: float) -> list[Call]:
        key = (height, width, scale)
        if key not in self._passes:
            self._calls = []
            self.network.config = self.config.replace(image_pyramid=(scale,))
            with keras.StatelessScope(initialize_variables=False):
                self.network(keras.KerasTensor((1, height, width, self.config.input_channels)))
            self._passes[key] = self._calls
        return self._passes[key]

    def _convolution(self, layer: Any) -> Callable[..., Any]:
        weights = _kernel_weights(layer)

        def call(inputs: Any, training: bool | None = None) -> Any:
            shape = layer.compute_output_shape(inputs.shape)
            size = shape[1:3]
            tiled = [-(-side // rate) * rate for side, rate in zip(size, layer.dilation_rate, strict=True)]
            self._calls.append(Call(layer, weights * math.prod(size), weights * math.prod(tiled)))
            return ops.zeros(shape, inputs.dtype)

        return call

    def _counted(self, layer: Any, function: Callable[..., Any], operations: int) -> Callable[..., Any]:
        def call(inputs: Any, **kwargs: Any) -> Any:
            self._calls.append(Call(layer, 0, operations * _size(inputs) // 2))
            return function(inputs, **kwargs)

        return call


def complexity(config: ModelConfig, height: int, width: int) -> Complexity:
    """Parameters and multiply-adds of a network, for one image of `height` x `width` pixels.

    Example: `complexity(ModelConfig(model_variant="xception_65"), 513, 513).total.exact` is 54,035,303,024.

    Args: as those of `Meter` and `Meter.count`.
    """
    return Meter(config).count(height, width)


def _without_values(config: ModelConfig) -> DeepLab:
    with keras.StatelessScope(initialize_variables=False):
        return DeepLab(config)


def _unchanged(inputs: Any, training: bool | None = None) -> Any:
    return inputs


def _size(array: Any) -> int:
    return math.prod(array.shape)


def _kernel_weights(layer: Any) -> int:
    return sum(_size(weight) for weight in layer.weights if len(weight.shape) == 4)
