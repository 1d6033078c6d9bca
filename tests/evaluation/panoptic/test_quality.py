import numpy as np
import pytest
from hypothesis import given
from toy_panoptic import maps_and_ignored_label, segment, team

from deeplab_tf2.evaluation.panoptic.overlaps import PanopticMap, overlaps
from deeplab_tf2.evaluation.panoptic.quality import PanopticQuality


def quality(*pairs, num_categories=3, ignored_label=0):
    metric = PanopticQuality(num_categories, ignored_label)
    for truth, predicted in pairs:
        metric.update(overlaps(truth, predicted))
    return metric


def mean(metric, name="pq"):
    return metric.by_category()[name][metric.scored].mean()


def slowly(maps, ignored):
    """Sum of IoU, matched, missed and false of each category, with sets of pixels."""
    truth, predicted = ({}, {})
    for place, (a, b, c, d) in enumerate(zip(*(layer.ravel().tolist() for layer in maps), strict=True)):
        truth.setdefault((a, b), set()).add(place)
        predicted.setdefault((c, d), set()).add(place)
    void = truth.get((ignored, 0), set())
    skipped = set().union(*(pixels for (category, _), pixels in truth.items() if category == ignored))
    counts, hits = np.zeros((4, 3)), set()
    for t, mine in truth.items():
        for p, theirs in predicted.items():
            # Void that meets void alone has no union, and is of the ignored category.
            union = len(mine) + len(theirs) - len(mine & theirs) - len(theirs & void)
            if t[0] == p[0] != ignored and len(mine & theirs) / union > 0.5:
                counts[0, t[0]] += len(mine & theirs) / union
                counts[1, t[0]] += 1
                hits |= {("t", t), ("p", p)}
    for t in truth:
        if t[0] != ignored:
            counts[2, t[0]] += ("t", t) not in hits
    for p, pixels in predicted.items():
        if p[0] != ignored:
            counts[3, p[0]] += ("p", p) not in hits and len(pixels & skipped) / len(pixels) <= 0.5
    return counts


@given(maps_and_ignored_label())
def test_it_counts_as_sets_of_pixels_do(case):
    maps, ignored = case
    metric = quality((PanopticMap(maps[0], maps[1]), PanopticMap(maps[2], maps[3])), ignored_label=ignored)
    others = np.arange(3) != ignored
    found = np.array([metric.iou, metric.matched, metric.missed, metric.false])
    np.testing.assert_allclose(found[:, others], slowly(maps, ignored)[:, others])
    assert metric.scored.tolist() == (found[1:].any(0) & others).tolist()


def test_perfect_wrong_and_reordered():
    truth = segment(0, 3, 0, 6)
    assert mean(quality((truth, truth))) == 1
    assert mean(quality((truth, segment(0, 3, 0, 6, category=2)))) == 0
    renamed = PanopticMap(truth.categories, 9 - truth.instances)
    assert mean(quality((truth, renamed))) == 1


def strip(*runs):
    """A row of one category, as (instance, pixels) from left to right."""
    instances = np.repeat(*np.array(runs).T)[np.newaxis]
    return PanopticMap(np.ones_like(instances), instances)


def test_published_values_of_matching_and_of_sums_over_images():
    truth = strip((1, 30), (2, 6))
    matched = truth, strip((1, 28), (2, 8))
    missed = truth, strip((1, 27), (2, 3), (1, 2), (2, 4))
    assert mean(quality(matched)) == pytest.approx((28 / 30 + 6 / 8) / 2)
    assert mean(quality(missed)) == pytest.approx(27 / 64)
    both = quality(matched, missed)
    assert mean(both) == pytest.approx(0.63177083)
    assert both.counts()["matched"][1] == 3 and mean(both, "sq") * mean(both, "rq") == pytest.approx(mean(both))


def test_published_values_of_a_team(shared):
    metric = PanopticQuality(3)
    metric.update(team(shared / "data" / "panoptic_testdata"))
    assert mean(metric) == pytest.approx(0.62156287, abs=1e-8)
    assert (metric.matched.tolist(), metric.missed.tolist(), metric.false.tolist()) == ([1, 7, 1], [0, 1, 0], [0, 0, 0])
