import re

import numpy as np
import pytest

from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.evaluation.table import format_table

NAMES = ("background", "cat", "a dog of a rare breed", "unicorn")


@pytest.fixture
def scores():
    counted = ConfusionMatrix(4, 255)
    counted.update(np.repeat([0, 1, 2], [8000, 1500, 500]), np.repeat([0, 1, 0], [7000, 2000, 1000]))
    return counted.scores()


def test_every_class_has_its_line(scores):
    lines = format_table(scores, NAMES, {"boundary": np.array([0.5, np.nan, 0, np.nan])}).splitlines()
    rows = {re.split(r"\s{2,}", line)[0]: re.split(r"\s{2,}", line)[1:] for line in lines}
    shares = ["IoU", "boundary", "Dice", "precision", "recall"]
    assert rows["class"] == [*shares, "truth pixels", "truth", "predicted pixels", "predicted"]
    # 7000 right of 8000 true and 8000 predicted pixels; 1000 right of 1500 and 2000.
    right = ["0.8750"] * 3
    assert rows["background"] == ["0.7778", "0.5000", *right, "8,000", "80.00 %", "8,000", "80.00 %"]
    assert rows["cat"] == ["0.4000", "-", "0.5714", "0.5000", "0.6667", "1,500", "15.00 %", "2,000", "20.00 %"]
    assert rows["a dog of a rare breed"] == ["0.0000"] * 3 + ["-", "0.0000", "500", "5.00 %", "0", "0.00 %"]
    assert rows["unicorn"] == ["absent"] + ["-"] * 4 + ["0", "0.00 %"] * 2
    assert len({len(line) for line in lines[:7]}) == 1


def test_footer_says_over_how_many_classes(scores):
    table = format_table(scores, NAMES, ignore_label=255)
    assert "mIoU                    0.3926  (over 3 classes, 1 absent; always" in table
    assert "commonest class: 0.2667)" in table
    assert "pixel accuracy          0.8000" in table
    assert "mean Dice (F1)          0.4821" in table
    assert "without" not in table


def test_a_class_whose_truth_is_ignored_is_left_out_in_a_line_of_its_own():
    counted = ConfusionMatrix(3, 0)
    counted.update(np.array([0, 1, 1, 2, 2]), np.array([0, 1, 0, 2, 2]))
    table = format_table(counted.scores(), ("other", "wall", "sky"), ignore_label=0)
    assert "mIoU                    0.5000  (over 3 classes;" in table
    assert "mIoU without a class    0.7500  (without 'other', whose true pixels are ignored)" in table


def test_an_empty_split_has_no_numbers():
    assert "nan" in format_table(ConfusionMatrix(2, 255).scores(), ("a", "b"))
