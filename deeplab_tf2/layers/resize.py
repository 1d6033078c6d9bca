"""Corner-aligned resizing, the only kind that official DeepLab knows."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def scale_dimension(size: Any, stride: int) -> Any:
    """Side of a feature map of the given stride: exact for sizes k * stride + 1, rounded down otherwise."""
    return (size - 1) // stride + 1


def resize_bilinear(images: Any, size: tuple[Any, Any]) -> Any:
    """Resizes [batch, height, width, channels] to [batch, *size, channels] so that corner pixels stay corners.

    Args:
        images: floating point tensor.
        size: (height, width) in pixels; integers or scalar tensors.

    Returns:
        Tensor of the dtype of `images`.
    """
    if keras.backend.backend() == "tensorflow":
        # The native op is two to three times faster than gathers, and converters know it.
        import tensorflow as tf

        resized = tf.raw_ops.ResizeBilinear(images=images, size=tf.stack(size), align_corners=True)
        return ops.cast(resized, images.dtype)
    return _interpolate(_interpolate(images, size[0], axis=1), size[1], axis=2)


def _interpolate(images: Any, size: int, axis: int) -> Any:
    last = images.shape[axis] - 1
    positions = ops.arange(size, dtype="float32") * (last / max(size - 1, 1))
    lower = ops.minimum(ops.cast(ops.floor(positions), "int32"), last)
    upper = ops.minimum(lower + 1, last)
    shape = [1, 1, 1, 1]
    shape[axis] = size
    share = ops.cast(ops.reshape(positions - ops.cast(lower, "float32"), shape), images.dtype)
    below, above = ops.take(images, lower, axis=axis), ops.take(images, upper, axis=axis)
    return below + (above - below) * share
