"""The page of a comparison: every evaluation beside the first."""

import dataclasses
import pathlib
import re

import numpy as np
import pytest
from html_outline import Outline
from toy_evaluation import compared

from deeplab_tf2.evaluation.comparison_page import save_comparison


def page(tmp_path, entries):
    path = save_comparison(entries, str(tmp_path / "comparison.html"))
    text = pathlib.Path(path).read_text(encoding="utf-8")
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    return Outline(text), [[re.sub("<.*?>", "", cell) for cell in row] for row in rows], text


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    better = compared("with <crf>", confusion=np.array([[1000, 0, 0, 0], [0, 500, 0, 0], [20, 0, 180, 0], [0] * 4]))
    calibration = dataclasses.replace(better.calibration, error=0.06)
    better = dataclasses.replace(
        better,
        facts={**better.facts, "crf": True},
        images={"first": 0.5, "second": 0.7, "third": 0.9},
        scores={**better.scores, "calibration error": 0.06},
        calibration=calibration,
    )
    return page(tmp_path_factory.mktemp("page"), [compared("plain"), better])


def test_values_stand_beside_each_other(two):
    outline, rows, _ = two
    values = {row[0]: row[1:] for row in rows}
    assert values["score"] == ["plain", "with &lt;crf&gt;", "change"]
    assert values["tree"] == ["0.6000", "0.9000", "+0.3000"] and values["boat"] == ["-", "-", "-"]
    assert values["crf"] == ["-", "yes"] and values["large"] == ["0.8125", "0.8125", "0"]
    assert values["first"] == ["0.2500", "0.5000", "+0.2500"] and values["second"][-1] == "-0.0500"
    assert "Images that are better: 1, worse: 1, the same: 1." in outline.words
    # Three charts, for light and for dark pages.
    assert outline.tags.count("source") == outline.tags.count("img") == 3 and "script" not in outline.tags


def test_lower_is_better_for_an_error_and_a_constant_answer_is_neither(two):
    _, _, text = two
    assert '<span class="error">+0.0200</span>' in text and '<span class="good">+0.3000</span>' in text
    constant = re.search(r">mIoU of a constant answer<(.*?)</tr>", text)[1]
    assert "good" not in constant and "error" not in constant


def test_three_are_measured_by_the_first(tmp_path):
    plain, other = compared("plain"), compared("other", confusion=np.diag([9, 9, 9, 9]), trimap=None, calibration=None)
    bare = dataclasses.replace(other, name="bare", images={}, sizes=[], facts={})
    outline, rows, _ = page(tmp_path, [plain, other, bare])
    assert rows[0] == ["score", "plain", "other", "bare", "change, other", "change, bare"]
    assert "other was scored on another truth" in outline.words and "Images in bare" not in outline.words
