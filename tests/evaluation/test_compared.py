"""An evaluation comes back from its file as it was, and other files are refused."""

import dataclasses
import json
import math

import numpy as np
import pytest
from toy_evaluation import FACTS, evaluation

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.compared import read_scores
from deeplab_tf2.evaluation.result import ImageScore
from deeplab_tf2.evaluation.score_files import save_scores, to_json


def test_what_was_written_is_read(tmp_path):
    made = evaluation()
    read = read_scores(save_scores(made, str(tmp_path))[0], "a")
    assert read.name == "a" and read.scores["mIoU"] == made.scores.miou
    assert read.scores["boundary IoU"] == pytest.approx(0.875 / 3) and read.scores["calibration error"] == 0.04
    assert math.isnan(read.scores["mIoU without the ignored class"])
    assert read.classes["tree"]["iou"] == 0.6 and math.isnan(read.classes["boat"]["iou"])
    assert list(read.images.items()) == [("first", 0.25), ("second", 0.75), ("third", 0.9)]
    assert read.sizes[1] == made.sizes[1] and math.isnan(read.sizes[0].recall)
    for part in ("trimap", "calibration"):
        for field in dataclasses.fields(getattr(made, part)):
            wanted, found = (getattr(getattr(which, part), field.name) for which in (made, read))
            assert type(wanted) is type(found)
            np.testing.assert_array_equal(found, wanted)
    assert read.facts == {"run": "/runs/faces", "split": "val", "ignore_label": 255, **FACTS}


def test_what_an_older_file_lacks_is_left_out(tmp_path):
    path = tmp_path / "val_scores.json"
    path.write_text(json.dumps({"miou": 0.5, "images": 3, "classes": [{"name": "a", "iou": None}]}))
    read = read_scores(str(path), "old")
    assert read.scores["mIoU"] == 0.5 and math.isnan(read.scores["boundary IoU"])
    assert read.trimap is None and read.calibration is None and not read.images and not read.sizes


def test_images_that_share_a_name_are_all_read(tmp_path):
    images = [ImageScore(name, miou, 1, 600) for name, miou in (("x", 0.1), ("x (2)", 0.2), ("x", 0.3), ("x", 0.4))]
    read = read_scores(save_scores(evaluation(images=images), str(tmp_path))[0], "a")
    assert list(read.images.items()) == [("x", 0.1), ("x (2)", 0.2), ("x (3)", 0.3), ("x (4)", 0.4)]


@pytest.mark.parametrize(
    "change",
    [
        lambda found: {"loss": 3},
        lambda found: found | {"classes": [{"iou": 1}]},
        lambda found: found | {"classes": [{"name": "a", "iou": "high"}]},
        lambda found: found | {"trimap": {"widths": [1]}},
        lambda found: found | {"trimap": found["trimap"] | {"miou": [0.5]}},
        lambda found: found | {"trimap": found["trimap"] | {"pixel_accuracy": 0.5}},
        lambda found: found | {"calibration": found["calibration"] | {"edges": [0, 1]}},
        lambda found: found | {"calibration": found["calibration"] | {"accuracy": [None]}},
        lambda found: found | {"calibration": [1]},
        lambda found: found | {"sizes": [{"name": "a"}]},
        lambda found: found | {"image_scores": [{"name": "a"}]},
    ],
)
def test_what_is_no_evaluation_is_refused(tmp_path, change):
    path = tmp_path / "val_scores.json"
    path.write_text(json.dumps(change(to_json(evaluation()))))
    with pytest.raises(InputError, match=r"val_scores.json is no evaluation .*eval.py writes"):
        read_scores(str(path), "a")
