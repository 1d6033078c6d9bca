import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_panoptic import maps_and_ignored_label, segment, team

from deeplab_tf2.evaluation.panoptic.covering import ParsingCovering
from deeplab_tf2.evaluation.panoptic.overlaps import PanopticMap, overlaps


def slowly(maps, ignored):
    """Area times best IoU, and area, of each category, with sets of pixels."""
    truth, predicted = ({}, {})
    for place, (a, b, c, d) in enumerate(zip(*(layer.ravel().tolist() for layer in maps), strict=True)):
        if a != ignored:
            truth.setdefault((a, b), set()).add(place)
            predicted.setdefault((c, d), set()).add(place)
    sums = np.zeros((2, 3))
    for (category, _), mine in truth.items():
        own = [theirs for (other, _), theirs in predicted.items() if other == category]
        best = max((len(mine & theirs) / len(mine | theirs) for theirs in own), default=0)
        sums[:, category] += len(mine) * best, len(mine)
    return sums


@given(maps_and_ignored_label(), st.booleans())
def test_it_covers_as_sets_of_pixels_do(case, normalize):
    maps, ignored = case
    metric = ParsingCovering(3, ignored, normalize)
    metric.update(overlaps(PanopticMap(maps[0], maps[1]), PanopticMap(maps[2], maps[3])))
    np.testing.assert_allclose([metric.covered, metric.area], slowly(maps, ignored) / (30 if normalize else 1))
    assert metric.scored.tolist() == [category != ignored and category in maps[0] for category in range(3)]


@pytest.mark.parametrize(("category", "expected"), [(1, 1), (2, 0)])
def test_perfect_and_wrong(category, expected):
    metric = ParsingCovering(3)
    metric.update(overlaps(segment(0, 3, 0, 6), segment(0, 3, 0, 6, category=category)))
    assert metric.by_category()["pc"][metric.scored].tolist() == [expected]


@pytest.mark.parametrize("normalize", [True, False])
def test_published_value_of_a_team(shared, normalize):
    metric = ParsingCovering(3, normalize_by_image_size=normalize)
    metric.update(team(shared / "data" / "panoptic_testdata"))
    assert metric.by_category()["pc"][metric.scored].mean() == pytest.approx(0.6208296732, abs=1e-10)
