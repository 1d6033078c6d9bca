import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.polygons import paint, points

SIZE = (19, 23)


def painted(outline, size=SIZE):
    labels = np.zeros(size, np.uint8)
    paint(labels, points(outline), 1)
    return labels.astype(bool)


def twin(outline, size=SIZE):
    """Every pixel centre by itself: how many edges lie to its left, counted in plain Python."""
    inside = np.zeros(size, bool)
    outline = [(x - 0.5, y - 0.5) for x, y in outline]
    for row in range(size[0]):
        for column in range(size[1]):
            turns = 0
            for ends in zip(outline, [*outline[1:], *outline[:1]], strict=True):
                (x, y), (low_x, low_y) = sorted(ends, key=lambda end: end[1])
                if y <= row < low_y:
                    turns += x + (row - y) * ((low_x - x) / (low_y - y)) <= column
            inside[row, column] = turns % 2
    return inside


def test_pixels_whose_centre_is_inside():
    assert painted([[2, 3], [7, 3], [7, 5], [2, 5]]).sum() == 10
    np.testing.assert_array_equal(np.argwhere(painted([[2, 3], [4, 3], [4, 4], [2, 4]])), [(3, 2), (3, 3)])
    assert painted([[2.6, 3.6], [7.4, 3.6], [7.4, 5.4], [2.6, 5.4]]).sum() == 4
    assert painted([[-50, -50], [900, -50], [900, 900], [-50, 900]]).all()
    for nothing in ([], [[3, 3]], [[3, 3], [9, 9]], [[0, 0], [0, 9], [0, 3]], [[-9, -9], [-3, -9], [-3, -3]]):
        assert not painted(nothing).any()


def test_a_shape_that_crosses_itself_has_a_hole():
    star = [[11, 0], [17, 18], [1, 7], [21, 7], [5, 18]]
    assert not painted(star)[10, 11] and painted(star)[4, 11]


coordinates = st.one_of(st.integers(-4, 26), st.floats(-4, 26, allow_nan=False, width=32))
outlines = st.lists(st.tuples(coordinates, coordinates).map(list), min_size=3, max_size=9)


@settings(max_examples=60, deadline=None)
@given(outlines)
def test_every_pixel_agrees_with_the_twin(outline):
    np.testing.assert_array_equal(painted(outline), twin(outline))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 22), st.integers(0, 18), st.floats(0, 22), st.floats(0, 18))
def test_neighbours_share_no_pixel_and_leave_none(x, y, other_x, other_y):
    """Four triangles around a point cover a rectangle once."""
    corners, total = [[0, 0], [23, 0], [23, 19], [0, 19]], np.zeros(SIZE, int)
    for middle in ([x, y], [other_x, other_y]):
        total[:] = 0
        for first, second in zip(corners, corners[1:] + corners[:1], strict=True):
            total += painted([first, second, middle])
        assert (total == 1).all()


def test_pillow_draws_borders_too():
    """Why it is not used: its polygons are half a pixel larger on every side."""
    outline = [(30.2, 20.7), (90.4, 35.1), (75.0, 88.8), (22.9, 70.3)]
    canvas = Image.new("L", (120, 110))
    ImageDraw.Draw(canvas).polygon(outline, fill=1)
    ours, theirs = painted([list(point) for point in outline], (110, 120)), np.asarray(canvas).astype(bool)
    area = 0.5 * abs(sum(x * b - a * y for (x, y), (a, b) in zip(outline, outline[1:] + outline[:1], strict=True)))
    assert abs(ours.sum() - area) < 0.003 * area < 0.02 * area < theirs.sum() - area


@pytest.mark.parametrize(
    "value",
    ["ab", [["1", "2"]], [[1]], [[1, 2, 3]], [[True, 1]], [[float("nan"), 1]], [[float("inf"), 1]], [[10**400, 1]]]
    + [None, {"x": 1}, [1, 2], [None], [[[1], [2]]], ["ab", "cd"]],
)
def test_what_is_no_point(value):
    with pytest.raises(InputError, match="no points; legal are pairs of numbers"):
        points(value)


def test_long_outlines_are_refused_or_drawn_in_bands():
    triangle = np.array([[0.0, 0.0], [200.0, 1_000.0], [0.0, 2_000.0]])
    once, often = np.zeros((2, 2_000, 200), np.uint8)
    paint(once, triangle, 7)
    paint(often, np.tile(triangle, (501, 1)), 7)
    np.testing.assert_array_equal(once, often)
    assert (once == 7).mean() == pytest.approx(0.5, abs=0.001)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="crosses .* rows of pixels: simplify it"):
            paint(np.zeros((10_000, 10), np.uint8), np.tile([[0.0, 0.0], [9.0, 10_000.0]], (20_000, 1)), 1)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000, "its crossings would take 1,600 MB"
    finally:
        tracemalloc.stop()
