"""Polygons to pixels: a pixel belongs to a polygon if its centre lies inside, by the even-odd rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError

_FARTHEST = 1e6
_MOST_CROSSINGS = 1 << 28
# Rows crossed by the edges that are looked at together: tens of megabytes.
_BAND = 1 << 20


def points(value: Any) -> np.ndarray:
    """The points of an annotation, [[x, y], ...] in pixels from the corner of the picture, as float64 [points, 2].

    Raises:
        InputError: these are no points, or they lie beyond a million pixels.
    """
    legal = isinstance(value, Sequence) and all(
        isinstance(point, Sequence) and len(point) == 2 and all(_is_coordinate(number) for number in point)
        for point in value
    )
    if not legal or isinstance(value, str):
        raise InputError(f"no points; legal are pairs of numbers of at most {_FARTHEST:,.0f}")
    return np.array(value, np.float64).reshape(-1, 2)


def _is_coordinate(number: Any) -> bool:
    # NaN fails the comparison.
    return isinstance(number, int | float) and not isinstance(number, bool) and abs(number) <= _FARTHEST


def paint(labels: np.ndarray, outline: np.ndarray, label: int) -> None:
    """Gives the pixels inside a polygon a label.

    The polygon closes by itself. Where two polygons share an edge, each pixel is in one of them.

    Args:
        labels: uint8 [height, width]; changed.
        outline: (x, y) in pixels, float64 [points, 2]; the centre of the first pixel is at (0.5, 0.5).
        label: 0..255.

    Raises:
        InputError: the outline is longer than any that was drawn.
    """
    # Pixel centres at whole numbers.
    x, y = (outline - 0.5).T
    left, right = _span(x, labels.shape[1])
    top, bottom = _span(y, labels.shape[0])
    if left >= right or top >= bottom:
        return
    first, last = (np.clip(np.ceil(side), top, bottom).astype(np.int64) for side in _ends(y))
    crossed = last - first
    if crossed.sum() > _MOST_CROSSINGS:
        raise InputError(f"an outline of {len(outline)} points crosses {crossed.sum():,} rows of pixels: simplify it")
    turns = np.zeros((bottom - top, right - left + 1), np.uint8)
    ends = np.searchsorted(np.cumsum(crossed), np.arange(_BAND, crossed.sum() + _BAND, _BAND)) + 1
    for edges in np.split(np.arange(len(x)), np.minimum(ends, len(x))):
        rows, columns = _crossings(x, y, edges, first, crossed)
        columns = np.clip(np.ceil(columns), left, right).astype(np.int64)
        np.bitwise_xor.at(turns, (rows - top, columns - left), 1)
    inside = np.bitwise_xor.accumulate(turns, axis=1)[:, :-1].astype(bool)
    labels[top:bottom, left:right][inside] = label


def _span(values: np.ndarray, limit: int) -> tuple[int, int]:
    """The pixels between the smallest and the largest value."""
    if not len(values):
        return 0, 0
    low, high = (int(np.clip(np.ceil(value), 0, limit)) for value in (values.min(), values.max()))
    return low, high


def _ends(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Upper and lower end of every edge."""
    following = np.roll(y, -1)
    return np.minimum(y, following), np.maximum(y, following)


def _crossings(
    x: np.ndarray, y: np.ndarray, edges: np.ndarray, first: np.ndarray, crossed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rows that some edges cross, and where."""
    counts = crossed[edges]
    edge = np.repeat(edges, counts)
    within = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = first[edge] + within
    following = (edge + 1) % len(x)
    # From the upper end, whichever way it was drawn: neighbours then agree about the edge that they share.
    upper, lower = np.where(y[edge] < y[following], (edge, following), (following, edge))
    slope = (x[lower] - x[upper]) / (y[lower] - y[upper])
    return rows, x[upper] + (rows - y[upper]) * slope
