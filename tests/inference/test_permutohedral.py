"""The lattice against its definition, point by point, and its filter against the exact sum over all pairs."""

import itertools

import numpy as np
import pytest
from crf_case import exact_kernel
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.permutohedral import lattice


def basis(dimensions):
    """Columns: where the unit of each feature goes, by (d + 1) * sqrt(2 / 3) each."""
    columns = np.zeros((dimensions + 1, dimensions))
    for feature in range(dimensions):
        columns[: feature + 1, feature] = 1
        columns[feature + 1, feature] = -(feature + 1)
    return columns / np.linalg.norm(columns, axis=0) * (dimensions + 1) * np.sqrt(2 / 3)


def nearest_of(place, remainder):
    """The nearest of the points whose coordinates are the remainder modulo d + 1 and have the sum 0."""
    corners = len(place)
    shift = np.array([remainder] * (corners - remainder) + [remainder - corners] * remainder)
    near = np.floor((place - shift) / corners)
    return min(
        (shift + corners * (near + np.array(up)) for up in itertools.product((0, 1), repeat=corners)),
        key=lambda vertex: 1e9 * abs(vertex.sum()) + ((vertex - place) ** 2).sum(),
    )


def slow_filter(features, values):
    """What the paper says, with a dictionary: spread, blur along each direction in turn, collect."""
    dimensions, points = features.shape
    corners = dimensions + 1
    spread, around = {}, []
    for point, place in enumerate((basis(dimensions) @ features.astype(np.float64)).T):
        # The simplex around a point has the nearest vertex of each remainder, up to the order of its coordinates.
        order = np.argsort(-(place - nearest_of(place, 0)), kind="stable")
        vertices = []
        for remainder in range(corners):
            vertex = nearest_of(place, 0) + remainder
            vertex[order[corners - remainder :]] -= corners
            vertices.append(vertex)
        system = np.vstack([np.array(vertices).T, np.ones(corners)])
        weights = np.linalg.lstsq(system, np.append(place, 1), rcond=None)[0]
        assert weights.min() > -1e-4
        around.append(
            [(tuple(np.rint(vertex).astype(int)), weight) for vertex, weight in zip(vertices, weights, strict=True)]
        )
        for key, weight in around[-1]:
            spread[key] = spread.get(key, 0) + weight * values[point]
    for direction in range(corners):
        step = np.ones(corners, int)
        step[direction] -= corners
        spread = {
            key: value + 0.5 * sum(spread.get(tuple(np.array(key) + sign * step), 0) for sign in (1, -1))
            for key, value in spread.items()
        }
    return np.array([sum(weight * spread[key] for key, weight in corners_of) for corners_of in around])


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(1, 12), st.floats(0.05, 4), st.integers(0, 2**31 - 1))
def test_filters_as_the_paper_says(dimensions, points, spacing, seed):
    random = np.random.RandomState(seed)
    features = (spacing * random.randn(dimensions, points)).astype(np.float32)
    values = random.rand(points, 3).astype(np.float32)
    np.testing.assert_allclose(lattice(features).filtered(values), slow_filter(features, values), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("dimensions", "most"), [(2, 0.05), (5, 0.12)])
def test_is_near_the_exact_sum_over_all_pairs(dimensions, most):
    random = np.random.RandomState(2)
    features = (random.rand(dimensions, 900) * 3).astype(np.float32)
    values = np.sin(features.T * 2).astype(np.float32) + 1
    got = lattice(features).normalized(4.0).filtered(values)
    want = 4 * exact_kernel(features) @ values
    assert np.abs(got - want).mean() < most * np.abs(want).mean()


def test_points_of_one_place_share_their_values():
    features = np.zeros((5, 4), np.float32)
    got = lattice(features).normalized().filtered(np.array([[1], [2], [3], [6]], np.float32))
    np.testing.assert_allclose(got, 3, rtol=1e-5)


@pytest.mark.parametrize(("dimensions", "distance"), [(5, 1e4), (5, 1e6), (1, 1e8), (2, 1e9), (5, 1e9), (2, 1e12)])
def test_refuses_distances_beyond_all_numbers(dimensions, distance):
    features = np.zeros((dimensions, 2), np.float32)
    features[:, 1] = distance
    with pytest.raises(InputError, match="deviations are too small"):
        lattice(features)
