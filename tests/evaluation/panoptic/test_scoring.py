import dataclasses

import numpy as np
import pytest
from toy_panoptic import save_coco

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.panoptic.breakdown import breakdown
from deeplab_tf2.evaluation.panoptic.coco_format import read_results
from deeplab_tf2.evaluation.panoptic.covering import ParsingCovering
from deeplab_tf2.evaluation.panoptic.quality import PanopticQuality
from deeplab_tf2.evaluation.panoptic.scoring import score

LEFT = np.arange(6) < np.full((4, 1), 2)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        # As the reference programs of the data set say.
        (lambda: PanopticQuality(7), (0.6740486628641355, 0.5769675073143916, 0.868210973963623)),
        (lambda: ParsingCovering(7, normalize_by_image_size=False), (0.68210561, 0.5890529, 0.86821097)),
    ],
    ids=["quality", "covering"],
)
def test_published_values_for_any_number_of_workers(shared, metric, expected):
    folder = shared / "data" / "panoptic_testdata"
    truth, found = (read_results(str(folder / f"coco_{name}.json")) for name in ("gt", "pred"))
    scores = []
    for workers in (0, 3, -1):
        counted, seen = metric(), []
        score(counted, truth, found, num_workers=workers, progress=seen.append)
        assert seen == [1] * 4
        scores.append(breakdown(counted, truth.categories))
    assert scores[0] == scores[1] == scores[2]
    rows = [scores[0][group] for group in ("All", "Things", "Stuff")]
    assert [next(iter(row.values())) for row in rows] == pytest.approx(expected, abs=1e-7)
    assert [row["n"] for row in rows] == [6, 4, 2]


def test_a_category_beyond_the_last_is_refused(tmp_path):
    results = read_results(save_coco(tmp_path, "truth", [[(LEFT, 4, 2, 0)]]))
    with pytest.raises(InputError, match=r"truth\.json has the categories \[1, 2\]; .* 0\.\.1 \(num_categories is 2\)"):
        score(PanopticQuality(2), results, results)


def test_a_category_that_the_truth_does_not_list_is_refused_unless_it_is_ignored(tmp_path):
    truth = read_results(save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0)]]))
    found = read_results(save_coco(tmp_path, "found", [[(LEFT, 4, 1, 0), (~LEFT, 5, 7, 0), (~LEFT, 6, 3, 0)]]))
    told = r"found\.json: segments of 0\.png are of the categories \[3, 7\], which .*truth\.json does not list"
    with pytest.raises(InputError, match=told):
        score(PanopticQuality(9), truth, found)
    with pytest.raises(InputError, match=r"found\.json: .* \[3, 7\], which"):
        score(PanopticQuality(9), dataclasses.replace(found, categories=truth.categories), truth)
    for label in (7, 255):
        void = read_results(save_coco(tmp_path, f"void {label}", [[(LEFT, 4, 1, 0), (~LEFT, 5, label, 0)]]))
        for metric in (PanopticQuality(9, label), ParsingCovering(9, label)):
            score(metric, truth, void, label)
            assert breakdown(metric, truth.categories)["All"]["n"] == 1
