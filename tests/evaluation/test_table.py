import json
import re

import numpy as np
import pytest

from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.evaluation.table import format_table, to_json

NAMES = ("background", "cat", "a dog of a rare breed", "unicorn")


@pytest.fixture
def scores():
    counted = ConfusionMatrix(4, 255)
    counted.update(np.repeat([0, 1, 2], [8000, 1500, 500]), np.repeat([0, 1, 0], [7000, 2000, 1000]))
    return counted.scores()


def test_every_class_has_its_line(scores):
    lines = format_table(scores, NAMES).splitlines()
    rows = {re.split(r"\s{2,}", line)[0]: re.split(r"\s{2,}", line)[1:] for line in lines}
    assert rows["class"] == ["IoU", "truth pixels", "truth", "predicted"]
    # 7000 right of 8000 true and 8000 predicted pixels; 1000 right of 1500 and 2000.
    assert rows["background"] == ["0.7778", "8,000", "80.00 %", "80.00 %"]
    assert rows["cat"] == ["0.4000", "1,500", "15.00 %", "20.00 %"]
    assert rows["a dog of a rare breed"] == ["0.0000", "500", "5.00 %", "0.00 %"]
    assert rows["unicorn"] == ["absent", "0", "0.00 %", "0.00 %"]
    assert len({len(line) for line in lines[:7]}) == 1


def test_footer_says_over_how_many_classes(scores):
    table = format_table(scores, NAMES)
    assert "mIoU                    0.3926  (over 3 classes, 1 absent; always" in table
    assert "commonest class: 0.2667)" in table
    assert "pixel accuracy          0.8000" in table


def test_json_holds_the_facts_and_null_for_absent(scores):
    report = to_json(scores, NAMES, split="val", images=3)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["split"] == "val"
    assert report["images"] == 3
    assert report["miou"] == pytest.approx((7 / 9 + 0.4) / 3)
    assert report["classes_in_miou"] == 3
    assert report["classes"][1] == {"name": "cat", "iou": 0.4, "truth_pixels": 1500, "predicted_pixels": 2000}
    assert report["classes"][3]["iou"] is None


def test_an_empty_split_is_null_throughout():
    report = to_json(ConfusionMatrix(2, 255).scores(), ("a", "b"))
    assert report["miou"] is None
    assert report["pixel_accuracy"] is None
    assert "nan" in format_table(ConfusionMatrix(2, 255).scores(), ("a", "b"))
