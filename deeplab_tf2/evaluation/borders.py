"""Pixels near the borders of labels; the distance of pixels counts diagonal steps as one (a square grows)."""

from __future__ import annotations

import numpy as np

# Of two pixels that touch, at a side or a corner: the places of the one and of the other.
_ALL, _FIRST, _SECOND = slice(None), slice(None, -1), slice(1, None)
_TOUCHING = (
    ((_FIRST, _ALL), (_SECOND, _ALL)),
    ((_ALL, _FIRST), (_ALL, _SECOND)),
    ((_FIRST, _FIRST), (_SECOND, _SECOND)),
    ((_FIRST, _SECOND), (_SECOND, _FIRST)),
)


def edges(labels: np.ndarray) -> np.ndarray:
    """Where a pixel touches another label, at a side or a corner.

    Args:
        labels: integers [height, width].

    Returns:
        bool [height, width].
    """
    found = np.zeros(labels.shape, bool)
    for one, other in _TOUCHING:
        differs = labels[one] != labels[other]
        found[one] |= differs
        found[other] |= differs
    return found


def grown(places: np.ndarray, width: int) -> np.ndarray:
    """Where one of `places` lies within `width` pixels.

    Args:
        places: bool [height, width].
        width: distance in pixels, at least 0.

    Returns:
        bool [height, width].
    """
    places = places.copy()
    for lines in (places, places.T):
        reach = 0
        while reach < width:
            # With longer steps the way to some places would lead beyond the frame.
            step = min(reach + 1, width - reach)
            before = lines.copy("K")
            lines[step:] |= before[:-step]
            lines[:-step] |= before[step:]
            reach += step
    return places


def near_another_label(labels: np.ndarray, width: int) -> np.ndarray:
    """Where another label, or the frame of the image, lies within `width` pixels.

    Args:
        labels: integers [height, width].
        width: distance in pixels, at least 1.

    Returns:
        bool [height, width].
    """
    # A step further than a pixel that touches another label lies that label.
    near = grown(edges(labels), width - 1)
    for strip in (slice(width), slice(-width, None)):
        near[strip] = near[:, strip] = True
    return near
