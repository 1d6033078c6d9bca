import itertools

import hypothesis
import numpy as np
from hostile import tried
from hypothesis import strategies as st

from deeplab_tf2.data.files.simplification import simplified

POINTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=40).map(np.array)


def distance(point, first, last):
    """From a point to the line through two others, or to both where they are one."""
    along, apart = last - first, point - first
    length = np.hypot(*along)
    return abs(along[0] * apart[1] - along[1] * apart[0]) / length if length else np.hypot(*apart)


def slow(points, tolerance):
    """The stretch between two points that stay, by recursion."""
    away = [distance(point, points[0], points[-1]) for point in points[1:-1]]
    if not away or max(away) <= tolerance:
        return [points[0], points[-1]]
    middle = 1 + int(np.argmax(away))
    return slow(points[: middle + 1], tolerance)[:-1] + slow(points[middle:], tolerance)


@tried(100)
@hypothesis.given(POINTS, st.floats(0.5, 5), st.integers(0, 2))
def test_equal_to_recursion(points, tolerance, place):
    fixed = np.zeros(len(points), bool)
    fixed[place] = True
    ring = np.concatenate([points, points[:1]]).astype(float)
    anchors = sorted({0, place, int(np.argmax(((ring - ring[0]) ** 2).sum(-1))), len(ring) - 1})
    stretches = (slow(ring[first : last + 1], tolerance)[:-1] for first, last in itertools.pairwise(anchors))
    want = [corner.tolist() for stretch in stretches for corner in stretch]
    found = simplified(points, tolerance, fixed)
    x, y = np.array(want).T
    assert found.tolist() == (want if x @ np.roll(y, -1) != y @ np.roll(x, -1) else [])
    assert len(found) == 0 or points[place].tolist() in found.tolist()


def test_what_encloses_nothing_is_nothing():
    there_and_back = np.array([(0, 0), (5, 0), (9, 0), (5, 0)])
    assert len(simplified(there_and_back, 0.5, np.zeros(4, bool))) == 0
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert simplified(square, 0.1, np.zeros(4, bool)).tolist() == square.tolist()
    assert len(simplified(square, 2.0, np.zeros(4, bool))) == 0
