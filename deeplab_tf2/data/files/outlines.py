"""Pixels to polygons, the inverse of `polygons.paint`: one ring for every connected part of one label."""

from __future__ import annotations

import dataclasses

import numpy as np

from deeplab_tf2.data.files.simplification import simplified

# Directed sides of a pixel, itself to their right: the step along a side, and the corner where it starts.
# Top, right, bottom, left; (down, right) each.
_STEPS = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])
_STARTS = np.array([(0, 0), (0, 1), (1, 1), (1, 0)])
_RIGHT, _LEFT = 1, 3


@dataclasses.dataclass(frozen=True, eq=False)
class Outline:
    """A connected part of one label (pixels that share a side).

    Attributes:
        label: its label.
        points: (x, y) in pixels, float64 [points, 2]; the centre of the first pixel is at (0.5, 0.5). A hole is joined
            to the outside by a cut of no width, so that one ring is the whole part.
        area: the pixels of the part.
    """

    label: int
    points: np.ndarray
    area: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width and height in pixels."""
        left, top = self.points.min(0).tolist()
        right, bottom = self.points.max(0).tolist()
        return left, top, right - left, bottom - top


def outlines(labels: np.ndarray, tolerance: float = 0.0) -> list[Outline]:
    """The connected parts of all labels, in the order of their first pixels.

    Args:
        labels: integers [height, width].
        tolerance: pixels by which an outline may leave its part, so that it has fewer points; parts of which nothing
            is left then are left out. At 0, painting the outlines gives `labels` again.
    """
    sides, following = _sides(labels)
    starts, ends = _corners(sides, labels)
    holes = [ring for ring in _rings(following) if _area(starts[ring], ends[ring]) < 0]
    _join_holes(labels, sides, following, holes)
    found = []
    for ring in _rings(following):
        area, fixed, path = _area(starts[ring], ends[ring]), *_path(starts[ring], ends[ring])
        points = simplified(path, tolerance, fixed) if tolerance else path
        if len(points) > 2:
            label = int(labels.flat[sides[ring[0]] % labels.size])
            found.append(Outline(label, points.astype(np.float64), area))
    return found


def _sides(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sides between unequal labels, as kind * pixels + pixel in rising order, and which one follows each."""
    padded = np.pad(labels.astype(np.int32), 1, constant_values=-1)
    height, width = labels.shape

    def is_same(steps: np.ndarray) -> np.ndarray:
        """Whether the pixel at the step of each kind has the same label, bool [kinds * height * width]."""
        parts = [padded[1 + down : 1 + down + height, 1 + right : 1 + right + width] for down, right in steps]
        return np.concatenate([(part == labels).ravel() for part in parts])

    outward = np.roll(_STEPS, 1, axis=0)
    sides = np.flatnonzero(~is_same(outward))
    kind, pixel = np.divmod(sides, labels.size)
    ahead = is_same(_STEPS)[sides]
    # Right at the end of the part, straight on along it, or left into a corner; never over a diagonal.
    left = ahead & is_same(_STEPS + outward)[sides]
    moved = ahead[:, np.newaxis] * _STEPS[kind] + left[:, np.newaxis] * outward[kind]
    kind = (kind + ~ahead - left) % 4
    return sides, np.searchsorted(sides, kind * labels.size + pixel + moved @ (width, 1))


def _rings(following: np.ndarray) -> list[np.ndarray]:
    """The cycles of the sides, each from its first side on."""
    after, seen, rings = following.tolist(), bytearray(len(following)), []
    for first in range(len(after)):
        if not seen[first]:
            ring, side = [], first
            while not seen[side]:
                seen[side] = 1
                ring.append(side)
                side = after[side]
            rings.append(np.array(ring))
    return rings


def _corners(sides: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the sides start and end, (x, y) each."""
    kind, pixel = np.divmod(sides, labels.size)
    starts = np.stack(np.divmod(pixel, labels.shape[1]), axis=-1) + _STARTS[kind]
    return starts[:, ::-1], (starts + _STEPS[kind])[:, ::-1]


def _area(starts: np.ndarray, ends: np.ndarray) -> int:
    """The pixels inside a ring, below 0 if it runs around a hole."""
    (x, y), (next_x, next_y) = starts.T, ends.T
    return int(x @ next_y - next_x @ y) // 2


def _join_holes(labels: np.ndarray, sides: np.ndarray, following: np.ndarray, holes: list[np.ndarray]) -> None:
    """Splices each hole into the ring that lies to its left: no two meet in one place, and none meets itself."""
    if not holes:
        return
    height, width = labels.shape
    is_start = np.ones((height, width), bool)
    is_start[:, 1:] = labels[:, 1:] != labels[:, :-1]
    run_starts = np.maximum.accumulate(np.where(is_start.ravel(), np.arange(labels.size), 0))
    # The part ends at the right side of a pixel where the hole begins.
    firsts = []
    for ring in holes:
        ring = ring[sides[ring] // labels.size == _RIGHT]
        firsts.append(ring[np.argmin(sides[ring] % labels.size % width)])
    first = np.array(firsts)
    last = np.argsort(following)[first]
    outer = np.searchsorted(sides, _LEFT * labels.size + run_starts[sides[first] % labels.size])
    following[outer], following[last] = first, following[outer]


def _path(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which corners of a ring are ends of cuts, and its corners, (x, y) each."""
    cut = (ends != np.roll(starts, -1, axis=0)).any(-1)
    points = np.stack([starts, ends], axis=1).reshape(-1, 2)
    fixed = np.stack([np.roll(cut, 1), cut], axis=-1).ravel()
    kept = _steps(points).any(-1)
    points, fixed = points[kept], fixed[kept]
    steps = _steps(points)
    bends = (steps != np.roll(steps, 1, axis=0)).any(-1)
    return fixed[bends], points[bends]


def _steps(points: np.ndarray) -> np.ndarray:
    """Which way it goes from each corner to the next."""
    return np.sign(np.roll(points, -1, axis=0) - points)
