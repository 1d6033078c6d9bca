"""Pixels near the borders of labels; the distance of pixels counts diagonal steps as one (a square grows)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

# Of two pixels that touch, at a side or a corner: the places of the one and of the other.
_ALL, _FIRST, _SECOND = slice(None), slice(None, -1), slice(1, None)
_TOUCHING = (
    ((_FIRST, _ALL), (_SECOND, _ALL)),
    ((_ALL, _FIRST), (_ALL, _SECOND)),
    ((_FIRST, _FIRST), (_SECOND, _SECOND)),
    ((_FIRST, _SECOND), (_SECOND, _FIRST)),
)


def near_another_label(labels: np.ndarray, width: int) -> np.ndarray:
    """Where another label, or the frame of the image, lies within `width` pixels.

    Args:
        labels: integers [height, width].
        width: distance in pixels, at least 1.

    Returns:
        bool [height, width].
    """
    near = ndimage.maximum_filter(_edges(labels), 2 * width - 1)
    for strip in (slice(width), slice(-width, None)):
        near[strip] = near[:, strip] = True
    return near


def distance_to_label(labels: np.ndarray, label: int) -> np.ndarray | None:
    """Distance to the nearest pixel of `label`, int32 [height, width] in pixels; None where no pixel has it."""
    other = labels != label
    return None if other.all() else ndimage.distance_transform_cdt(other, "chessboard")


def distance_to_another_label(labels: np.ndarray) -> np.ndarray | None:
    """Distance to the nearest pixel of another label, int32 [height, width] in pixels; None where there is but one."""
    inner = ~_edges(labels)
    # A step further than a pixel that touches another label lies that label.
    return None if inner.all() else ndimage.distance_transform_cdt(inner, "chessboard") + 1


def _edges(labels: np.ndarray) -> np.ndarray:
    """Where a pixel touches another label, bool [height, width]."""
    found = np.zeros(labels.shape, bool)
    for one, other in _TOUCHING:
        differs = labels[one] != labels[other]
        found[one] |= differs
        found[other] |= differs
    return found
