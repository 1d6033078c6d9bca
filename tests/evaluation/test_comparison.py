"""What differs between evaluations."""

import dataclasses
import math

import numpy as np
import pytest
from toy_evaluation import compared

from deeplab_tf2.evaluation.comparison import (
    cautions,
    changes,
    class_rows,
    differing_facts,
    score_rows,
    size_rows,
)
from deeplab_tf2.evaluation.result import ImageScore


def replaced(entry, **fields):
    return dataclasses.replace(entry, **fields)


def test_rows_measure_by_the_first():
    first, second = compared("a"), compared("b", confusion=np.diag([1000, 500, 200, 0]))
    rows = {row.name: row for row in score_rows([first, second, first])}
    assert rows["mIoU"].values == (first.scores["mIoU"], 1.0, first.scores["mIoU"])
    assert rows["mIoU"].changes == (pytest.approx(1 - first.scores["mIoU"]), 0)
    assert "mIoU without the ignored class" not in rows
    classes = {row.name: row for row in class_rows([first, second])}
    assert classes["tree"].values == (0.6, 1.0) and all(map(math.isnan, classes["boat"].values))
    assert [row.name for row in size_rows([first, second])] == ["large"]


def test_classes_of_one_alone_have_no_change():
    first = compared("a")
    second = replaced(first, name="b", classes={"car": {"iou": 0.5}, "tree": {"iou": 0.5}})
    rows = {row.name: row for row in class_rows([first, second])}
    assert list(rows) == ["sky", "<road>", "tree", "boat", "car"]
    assert math.isnan(rows["car"].changes[0]) and rows["tree"].changes[0] == pytest.approx(-0.1)
    assert cautions([first, second]) == ["b has other classes than a."]


def test_images_that_change_the_most():
    first = replaced(
        compared("a"), images={"w": 0.5, "x": 0.5, "y": 0.5, "z": 0.5, "same": 0.5, "gone": 1, "v": math.nan}
    )
    other = replaced(first, images={"w": 0.6, "x": 0.9, "y": 0.4, "z": 0.1, "same": 0.5, "new": 1, "v": 0.5})
    found = changes(first, other, most=1)
    assert (found.better, found.worse, found.same) == (2, 2, 1)
    assert [(row.name, row.values) for row in found.rows] == [("x", (0.5, 0.9)), ("z", (0.5, 0.1))]
    assert changes(first, replaced(first, images={}), 9).rows == []


def test_images_that_share_a_name_are_compared_in_their_order():
    images = [ImageScore("x", miou, 1, 600) for miou in (0.25, 0.5)]
    first = compared("a", images=images)
    found = changes(first, compared("b", images=[dataclasses.replace(image, miou=0.375) for image in images]), most=1)
    assert (found.better, found.worse, found.same) == (1, 1, 0)


def test_facts_that_differ_are_told():
    first = compared("a")
    second = replaced(first, facts={**first.facts, "split": "test", "crf": True})
    assert differing_facts([first, first]) == {}
    assert differing_facts([first, second]) == {"split": ("val", "test"), "crf": (None, True)}


def test_what_cannot_be_compared_is_told():
    first = compared("a")
    truth = compared("b", confusion=np.diag([1, 2, 3, 4]))
    padded = replaced(first, name="c", facts={"padding": {"kind": "crop"}})
    bare = replaced(first, classes={name: {"iou": 0.5} for name in first.classes})
    assert cautions([first, first, replaced(first, facts={})]) == cautions([bare, bare, first]) == []
    one, other = cautions([first, truth, padded])
    assert one.startswith("b was scored on another truth than a") and other.startswith("c pads images otherwise than a")
