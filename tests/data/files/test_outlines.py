import hypothesis
import numpy as np
import pytest
from hostile import tried
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from deeplab_tf2.data.files.outlines import outlines
from deeplab_tf2.data.files.polygons import paint

LABELS = arrays.arrays(np.int32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2))


def painted(parts, shape):
    """Every part once, in any order: where two met, a pixel would be counted twice."""
    canvas, times = np.full(shape, 255, np.uint8), np.zeros(shape, int)
    for part in reversed(parts):
        here = np.zeros(shape, np.uint8)
        paint(here, part.points, 1)
        canvas[here > 0], times = part.label, times + here
        assert here.sum() == part.area
    assert (times == 1).all()
    return canvas


@tried(150)
@hypothesis.given(LABELS)
def test_painting_the_outlines_gives_the_labels_again(labels):
    np.testing.assert_array_equal(painted(outlines(labels), labels.shape), labels)


def test_rings_within_rings():
    labels = np.zeros((21, 30), np.int32)
    for label, inset in enumerate(range(1, 10, 2), 1):
        labels[inset : 21 - inset, inset : 30 - inset] = label
    labels[10, 3:6] = 9
    parts = outlines(labels)
    np.testing.assert_array_equal(painted(parts, labels.shape), labels)
    assert sorted(part.label for part in parts) == [0, 1, 2, 3, 4, 5, 9]


def test_pixels_that_touch_at_a_corner_are_two_parts():
    parts = outlines(np.array([[1, 0], [0, 1]]))
    assert [(part.label, part.area, part.box) for part in parts] == [
        (1, 1, (0.0, 0.0, 1.0, 1.0)),
        (0, 1, (1.0, 0.0, 1.0, 1.0)),
        (0, 1, (0.0, 1.0, 1.0, 1.0)),
        (1, 1, (1.0, 1.0, 1.0, 1.0)),
    ]


def test_a_straight_side_has_no_points_between_its_ends():
    (part,) = outlines(np.full((4, 7), 3))
    assert part.points.tolist() == [[0, 0], [7, 0], [7, 4], [0, 4]] and part.label == 3


@pytest.mark.parametrize("tolerance", [0.8, 1.5, 3.0])
def test_a_tolerance_leaves_fewer_points_of_almost_the_same_part(tolerance):
    y, x = np.mgrid[:80, :100]
    distance = np.hypot(x - 50, y - 40)
    labels = ((distance < 35) & (distance > 15)).astype(np.int32)
    labels[2, 2] = 2
    parts = outlines(labels, tolerance)
    assert sum(len(part.points) for part in parts) < sum(len(part.points) for part in outlines(labels)) / 2
    assert {part.label for part in parts} == {0, 1}, "nothing is left of a single pixel"
    (ring,) = (part for part in parts if part.label == 1)
    canvas = np.zeros(labels.shape, np.uint8)
    paint(canvas, ring.points, 1)
    off = canvas != (labels == 1)
    assert np.minimum(abs(distance - 35), abs(distance - 15))[off].max() <= tolerance + 1
    assert off.sum() < 0.12 * ring.area
