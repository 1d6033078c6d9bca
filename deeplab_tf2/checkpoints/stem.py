"""The first kernel of a network for images of any channels, made of one for red, green and blue."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.checkpoints.variables import Variables
from deeplab_tf2.config import ModelConfig
from deeplab_tf2.models.backbones import backbone
from deeplab_tf2.models.deeplab import DeepLab

RGB = 3
# Standard deviation of the pixels of ImageNet in 0..255, averaged over the channels.
PIXEL_DEVIATION = 57.6


def with_stem(model: DeepLab, variables: Variables) -> tuple[Variables, str]:
    """The variables with a first kernel that fits `model`, and what to say about it.

    A kernel for red, green and blue is adapted by `adapted`; where the model standardises images, it is also multiplied
    by the deviation that photographs have where it was trained. All else comes back as it is.
    """
    channels = model.config.input_channels
    name = official_name(model.backbone.weights[0].path, model.config.model_variant)
    shape = variables.shapes.get(name, ())
    if channels == RGB or len(shape) != 4 or shape[2] != RGB:
        return variables, ""
    scale = _photo_deviation(model.config)

    def read(asked: str) -> np.ndarray:
        return adapted(variables[name], channels, scale) if asked == name else variables[asked]

    shapes = {**variables.shapes, name: (*shape[:2], channels, shape[3])}
    return Variables(variables.where, shapes, read), f"; first kernel adapted from RGB to {channels} channels"


def adapted(kernel: np.ndarray, channels: int, scale: float = 1.0) -> np.ndarray:
    """A kernel for RGB as one for `channels` channels; an image of equal channels gets the same answer.

    Each channel gets the mean over red, green and blue, times 3 / channels. Of four channels the first three are taken
    for red, green and blue and keep their own parts, and the fourth gets the mean, all times 3 / 4.

    Args:
        kernel: float [height, width, 3, filters].
        channels: number of input channels.
        scale: factor on all of it.

    Returns:
        float32 [height, width, channels, filters].
    """
    mean = kernel.mean(axis=2, keepdims=True)
    parts = np.concatenate([kernel, mean], axis=2) if channels == RGB + 1 else np.repeat(mean, channels, axis=2)
    return np.asarray(parts * (scale * RGB / channels), np.float32)


def _photo_deviation(config: ModelConfig) -> float:
    """The deviation of photographs after the official normalisation, over that of images of `config`."""
    if config.channel_deviations is None:
        return 1.0
    unit = 2 / 255 if backbone(config.model_variant).mean_pixel is None else 1
    return PIXEL_DEVIATION * unit
