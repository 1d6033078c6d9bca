"""Outlines of fewer points, by the algorithm of Ramer, Douglas and Peucker."""

from __future__ import annotations

import numpy as np


def simplified(points: np.ndarray, tolerance: float, fixed: np.ndarray) -> np.ndarray:
    """The points of a ring without which it would stray too far.

    Args:
        points: [points, 2]; the last one is joined to the first.
        tolerance: distance in pixels that no left out point exceeds.
        fixed: bool [points]: those that stay in any case.

    Returns:
        Some of the points, in their order; none where they enclose nothing.
    """
    ring = np.concatenate([points, points[:1]]).astype(np.float64)
    farthest = int(np.argmax(((ring - ring[0]) ** 2).sum(-1)))
    kept = np.zeros(len(ring), bool)
    kept[[0, farthest, -1]] = True
    kept[:-1] |= fixed
    anchors = np.flatnonzero(kept).tolist()
    stretches = list(zip(anchors[:-1], anchors[1:], strict=True))
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        distances = _distances(ring[first + 1 : last], ring[first], ring[last])
        middle = first + 1 + int(np.argmax(distances))
        if distances.max() > tolerance:
            kept[middle] = True
            stretches += [(first, middle), (middle, last)]
    left = points[kept[:-1]]
    x, y = left.T
    return left if x @ np.roll(y, -1) != y @ np.roll(x, -1) else left[:0]


def _distances(points: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """How far points lie from the line between two others, float64 [points]."""
    along, apart = last - first, points - first
    length = np.hypot(*along)
    if not length:
        return np.hypot(*apart.T)
    return np.abs(along[0] * apart[:, 1] - along[1] * apart[:, 0]) / length
