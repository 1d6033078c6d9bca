"""What a network says of a resized image, brought back to the size of the image."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf


def at_size(found: Mapping[str, np.ndarray], size: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Resizes maps to height and width `size`, corner-aligned.

    Args:
        found: numbers [height, width], which come from the nearest pixel, or [height, width, classes], bilinearly.
        size: height and width in pixels.
    """
    return {key: _bilinear(value, size) if value.ndim == 3 else _nearest(value, size) for key, value in found.items()}


def _nearest(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    images = values[np.newaxis, ..., np.newaxis]
    return np.asarray(tf.raw_ops.ResizeNearestNeighbor(images=images, size=size, align_corners=True))[0, ..., 0]


def _bilinear(values: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    return np.asarray(tf.raw_ops.ResizeBilinear(images=values[np.newaxis], size=size, align_corners=True))[0]
