import pytest
from toy_panoptic import segment

from deeplab_tf2.evaluation.panoptic.breakdown import Category, breakdown, format_breakdown, to_json
from deeplab_tf2.evaluation.panoptic.covering import ParsingCovering
from deeplab_tf2.evaluation.panoptic.overlaps import overlaps
from deeplab_tf2.evaluation.panoptic.quality import PanopticQuality

CATEGORIES = [Category(1, "person", True), Category(2, "grass", False), Category(3, "sky", False)]


def scored(metric):
    metric.update(overlaps(segment(0, 4, 0, 6), segment(0, 3, 0, 6)))
    metric.update(overlaps(segment(0, 4, 0, 6), segment(0, 6, 0, 6, category=3)))
    return metric


def test_means_of_things_and_of_stuff():
    rows = breakdown(scored(PanopticQuality(4)), CATEGORIES)
    # One of two people is found, by three quarters; the sky is not there.
    assert rows["Things"] == {"pq": pytest.approx(0.75 / 1.5), "sq": 0.75, "rq": pytest.approx(1 / 1.5), "n": 1}
    assert rows["Stuff"] == {"pq": 0, "sq": 0, "rq": 0, "n": 1}
    assert rows["All"]["pq"] == pytest.approx(0.25) and rows["All"]["n"] == 2
    assert format_breakdown(rows, digits=1).splitlines() == [
        "          PQ    SQ    RQ     N",
        "All     25.0  37.5  33.3     2",
        "Things  50.0  75.0  66.7     1",
        "Stuff    0.0   0.0   0.0     1",
    ]


def test_what_is_not_there_has_no_score():
    report = to_json(scored(ParsingCovering(4)), CATEGORIES)
    assert report["scores"]["Stuff"] == {"pc": None, "n": 0}
    assert [row["pc"] for row in report["categories"]] == [pytest.approx(0.375), None, None]
    assert report["categories"][0]["area"] == pytest.approx(2 * 24 / 36) and report["categories"][0]["isthing"]
    assert format_breakdown(report["scores"]).splitlines()[3].split() == ["Stuff", "-", "0"]
