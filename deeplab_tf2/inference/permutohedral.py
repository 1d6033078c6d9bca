"""Gaussian filters in spaces of several dimensions, such as position and colour: the permutohedral lattice.

Adams, Baek and Davis, "Fast High-Dimensional Filtering Using the Permutohedral Lattice", Eurographics 2010: values are
spread from each point to the corners of the simplex around it, blurred along the directions of the lattice, and
collected again. All three are products with sparse matrices here.
"""

from __future__ import annotations

import dataclasses
import typing
from types import ModuleType

import numpy as np

from deeplab_tf2.config import InputError

if typing.TYPE_CHECKING:
    from scipy import sparse

_LONGEST_KEY = 2.0**62
# Farther out, float32 does not tell where in its simplex a point lies.
_FARTHEST = 2.0**20


@dataclasses.dataclass(frozen=True, eq=False)
class Lattice:
    """A filter, the product of sparse matrices.

    Attributes:
        weights: of each corner of the simplex around each point, float32 [points, vertices].
        blurs: one per direction, float32 [vertices, vertices].
    """

    weights: sparse.csr_array
    blurs: tuple[sparse.csr_array, ...]

    def filtered(self, values: np.ndarray) -> np.ndarray:
        """Sums of the values of all points, weighted by their nearness.

        Args:
            values: float32 [points, columns].

        Returns:
            The same shape; up to one factor for all, exp(-distance² / 2) weights them.
        """
        # The transpose is in column order, which reads the values in sequence: faster than a copy in row order.
        spread = self.weights.T @ values
        for blur in self.blurs:
            spread = blur @ spread
        return self.weights @ spread

    def normalized(self, weight: float = 1.0) -> Lattice:
        """The filter K as weight * D K D, where D is diagonal and D² the inverse of what K makes of ones."""
        points = self.weights.shape[0]
        scale = np.sqrt(weight / self.filtered(np.ones((points, 1), np.float32)))
        scaled = self.weights.copy()
        scaled.data *= np.repeat(scale[:, 0], np.diff(self.weights.indptr)).astype(np.float32)
        return Lattice(scaled, self.blurs)


def lattice(features: np.ndarray) -> Lattice:
    """The lattice of points.

    Args:
        features: coordinates of the points in standard deviations, float32 [dimensions, points].

    Raises:
        InputError: they are too many standard deviations apart, or SciPy is not installed.
    """
    keys, steps, weights = _corners(features)
    corners, points = keys.shape
    vertices, found = np.unique(keys.ravel(), return_inverse=True)
    columns = found.astype(np.int32).reshape(corners, points).T.ravel()
    ends = np.arange(0, corners * points + 1, corners, dtype=np.int32)
    spread = sparse_library().csr_array((weights.T.ravel(), columns, ends), shape=(points, len(vertices)))
    return Lattice(spread, tuple(_blur(vertices, step) for step in steps))


def _corners(features: np.ndarray) -> tuple[np.ndarray, list[int], np.ndarray]:
    """What `_keys` tells of the simplices around the points, and the weights of their corners."""
    nearest, rank, weights = _simplices(features)
    return *_keys(nearest, rank), weights


def _simplices(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the points lie in the lattice of d dimensions, on the hyperplane of d + 1 coordinates whose sum is 0.

    Returns:
        Nearest vertex whose coordinates are multiples of d + 1, int32 [d + 1, points]; order of the coordinates'
        distances from it, 0 for the largest, int32 [d + 1, points]; weights of the corners, float32 [d + 1, points].
    """
    corners = len(features) + 1
    places = _elevated(features)
    _check_size(max(places.max(), -places.min()) < _FARTHEST)
    nearest = np.rint(places / corners)
    distance = places / corners - nearest
    rank = np.zeros(places.shape, np.int32)
    for first in range(corners):
        for second in range(first + 1, corners):
            smaller = distance[first] < distance[second]
            rank[first] += smaller
            rank[second] += ~smaller
    # Rounding may leave the hyperplane: the coordinates that were moved most are moved back.
    rank += np.rint(nearest.sum(0)).astype(np.int32)
    moves = (rank < 0).astype(np.int8) - (rank >= corners).astype(np.int8)
    rank += corners * moves
    distance -= moves
    falling = np.empty_like(distance)
    np.put_along_axis(falling, rank, distance, 0)
    weights = np.empty_like(distance)
    weights[1:] = (falling[:-1] - falling[1:])[::-1]
    weights[0] = 1 + falling[-1] - falling[0]
    return corners * (nearest + moves).astype(np.int32), rank, weights


def _elevated(features: np.ndarray) -> np.ndarray:
    """The points on the hyperplane, float32 [d + 1, points], so scaled that the blurs have the deviation 1."""
    dimensions = len(features)
    order = np.arange(1, dimensions + 1)
    scale = (dimensions + 1) * np.sqrt(2 / 3) / np.sqrt(order * (order + 1))
    scaled = features * scale[:, np.newaxis].astype(np.float32)
    # Each feature raises the coordinates before its own by 1 and lowers its own, so that the sum stays 0.
    after = np.cumsum(scaled[::-1], axis=0)[::-1]
    places = np.zeros((dimensions + 1, features.shape[1]), np.float32)
    places[:-1] = after
    places[1:] -= order[:, np.newaxis].astype(np.float32) * scaled
    return places


def _keys(nearest: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """A number for each vertex around each point, int64 [d + 1, points], and what leads to its next in each direction.

    The number is linear in the coordinates; the first one follows from the others.
    """
    corners = len(nearest)
    low = nearest.min(1).astype(np.int64) - 2 * corners
    sizes = nearest.max(1).astype(np.int64) + 2 * corners - low + 1
    _check_size(np.prod(sizes[1:].astype(float)) <= _LONGEST_KEY)
    radix = np.concatenate([[0, 1], np.cumprod(sizes[1:-1])])
    keys = np.empty(nearest.shape, np.int64)
    keys[0] = radix @ (nearest - low[:, np.newaxis])
    # The corner k + 1 is the corner k plus 1, but minus d in the coordinate of the rank d - k.
    by_rank = np.empty(nearest.shape, np.int64)
    np.put_along_axis(by_rank, rank, np.broadcast_to(radix[:, np.newaxis], rank.shape), 0)
    for corner in range(1, corners):
        keys[corner] = keys[corner - 1] + radix.sum() - corners * by_rank[corners - corner]
    return keys, [int(radix.sum() - corners * one) for one in radix]


def _check_size(fits: bool | np.bool_) -> None:
    if not fits:
        raise InputError("the deviations are too small for an image of this size: give larger ones")


def _blur(vertices: np.ndarray, step: int) -> sparse.csr_array:
    """Each vertex plus half of its neighbours on either side, as far as there are any."""
    sparse = sparse_library()
    count = len(vertices)
    place = np.minimum(np.searchsorted(vertices, vertices + step), count - 1)
    has_next = np.flatnonzero(vertices[place] == vertices + step)
    half = np.full(len(has_next), 0.5, np.float32)
    following = sparse.csr_array((half, (has_next, place[has_next])), shape=(count, count))
    return (sparse.diags_array(np.ones(count, np.float32)) + following + following.T).tocsr()


def sparse_library() -> ModuleType:
    """SciPy's sparse matrices.

    Raises:
        InputError: SciPy is not installed.
    """
    try:
        from scipy import sparse
    except ImportError as error:
        raise InputError("the CRF needs the extra 'scipy': pip install 'deeplab-tf2[scipy]'") from error
    return sparse
