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
    results = read_results(save_coco(tmp_path, "truth", [[(LEFT, 4, 3, 0)]]))
    with pytest.raises(InputError, match=r"truth\.json: a segment of 0\.png is of category 3; legal are 0\.\.2"):
        score(PanopticQuality(3), results, results)
