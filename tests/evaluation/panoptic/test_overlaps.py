import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.panoptic.overlaps import PanopticMap, overlaps

MAPS = arrays(np.uint16, (4, 5, 7), elements=st.sampled_from([0, 1, 2, 700]))


@given(MAPS)
def test_shared_pixels_are_those_counted_one_by_one(maps):
    found = overlaps(PanopticMap(maps[0], maps[1]), PanopticMap(maps[2], maps[3]))
    slow = {}
    for a, b, c, d in zip(*(layer.ravel().tolist() for layer in maps), strict=True):
        slow[(a, b), (c, d)] = slow.get(((a, b), (c, d)), 0) + 1
    rows, columns = (list(map(tuple, segments.tolist())) for segments in (found.truth, found.predicted))
    fast = {(rows[r], columns[c]): found.areas[r, c] for r, c in zip(*found.areas.nonzero(), strict=True)}
    assert fast == slow
    assert found.pixels == 35
    assert (found.areas.any(1).all(), found.areas.any(0).all()) == (True, True)


def test_maps_of_other_sizes_are_refused():
    small, large = np.zeros((2, 3), int), np.zeros((3, 2), int)
    with pytest.raises(InputError, match=r"the truth is \[2, 3\], the prediction \[3, 2\]"):
        overlaps(PanopticMap(small, small), PanopticMap(large, large))
    with pytest.raises(InputError, match="differ in shape"):
        overlaps(PanopticMap(small, large), PanopticMap(small, small))
