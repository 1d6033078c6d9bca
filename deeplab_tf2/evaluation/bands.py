"""Pixels near the borders of labels; the distance of pixels counts diagonal steps as one (a square grows)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage


def near_another_label(labels: np.ndarray, width: int) -> np.ndarray:
    """Where another label, or the frame of the image, lies within `width` pixels.

    Args:
        labels: integers [height, width], from 0 on.
        width: distance in pixels, at least 1.

    Returns:
        bool [height, width].
    """
    # Beyond the frame lies a label that is no class.
    window = {"size": 2 * width + 1, "mode": "constant", "cval": -1}
    values = np.asarray(labels, np.int32)
    return ndimage.minimum_filter(values, **window) != ndimage.maximum_filter(values, **window)


def distance_to_label(labels: np.ndarray, label: int) -> np.ndarray | None:
    """Distance to the nearest pixel of `label`, int32 [height, width] in pixels; None where no pixel has it."""
    other = labels != label
    return None if other.all() else ndimage.distance_transform_cdt(other, "chessboard")


def distance_to_another_label(labels: np.ndarray) -> np.ndarray | None:
    """Distance to the nearest pixel of another label, int32 [height, width] in pixels; None where there is but one."""
    values = np.asarray(labels, np.int32)
    inner = ndimage.minimum_filter(values, 3, mode="nearest") == ndimage.maximum_filter(values, 3, mode="nearest")
    # A step further than a pixel that has another label beside it lies that label.
    return None if inner.all() else ndimage.distance_transform_cdt(inner, "chessboard") + 1
