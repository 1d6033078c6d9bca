"""The tables of a report say what the matrix says."""

import dataclasses
import re

import numpy as np
from html_outline import Outline
from toy_evaluation import CONFUSION, evaluation

from deeplab_tf2.evaluation.report_classes import classes, confusion, sizes, summary


def rows(parts):
    """The cells of every table in some parts of a page."""
    text = "".join(parts)
    Outline(text)
    cut = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]
    return [[re.sub(r"<.*?>", "", cell) for cell in row] for row in cut]


def test_scores_have_their_numbers():
    found = evaluation()
    values = {name: value for name, value, _ in rows(summary(found))}
    assert values["mIoU"] == f"{found.scores.miou:.4f}" and values["pixel accuracy"] == f"{1610 / 1700:.4f}"
    assert values["mIoU of a constant answer"] == f"{1000 / 1700 / 3:.4f}"
    assert values["boundary IoU"] == "0.2917" and values["calibration error"] == "0.0400"
    assert not any("without" in name for name in values)


def test_what_was_not_measured_is_not_told():
    values = [name for name, *_ in rows(summary(evaluation(calibration=None, boundary_iou=np.full(4, np.nan))))]
    assert "boundary IoU" not in values and "calibration error" not in values


def test_a_class_that_no_mask_has_is_told():
    values = {name: value for name, value, _ in rows(summary(evaluation(ignore_label=3)))}
    assert values["mIoU without boat"] == values["mIoU"]


def test_a_class_that_took_over_is_told():
    taken = np.array([[10, 0, 0, 0], [10, 0, 0, 0], [10, 0, 0, 0], [0, 0, 0, 0]])
    assert "one class has taken over" in "".join(summary(evaluation(confusion=taken)))


def test_every_class_has_a_row():
    _, sky, road, tree, boat = rows(classes(evaluation()))
    assert tree == ["tree", "0.6000", "", "1.0000", "0.6000", "0.7500", "0.1250", "200 (11.8 %)", "120 (7.1 %)"]
    assert road[0] == "&lt;road&gt;" and sky[1] == f"{1000 / 1030:.4f}"
    assert boat == ["boat", "absent", "", "-", "-", "-", "-", "0 (0.0 %)", "0 (0.0 %)"]


def test_confusion_leaves_out_absent_classes():
    head, sky, road, tree, heads, *pairs = rows(confusion(evaluation()))
    assert head[1:] == ["sky", "&lt;road&gt;", "tree"] and tree == ["tree", "10", "30", "60"]
    assert sky[1:] == ["100", "", ""] and road[1:] == ["2", "98", ""]
    assert heads[0] == "true class" and pairs[0] == ["tree", "&lt;road&gt;", "30.0 %", "66.7 %", "60"]


def test_many_classes_show_the_worst():
    matrix = np.diag(np.full(50, 100))
    matrix[40, 41] = 50
    found = evaluation(
        confusion=matrix, class_names=[f"c{n}" for n in range(50)], colors=np.zeros((50, 3)), boundary_iou=np.zeros(50)
    )
    head, *lines = rows(confusion(found))
    assert len(head) == 31 and "c40" in head and "Of 50 classes, those" in "".join(confusion(found))
    assert lines[-1] == ["c40", "c41", "33.3 %", "100.0 %", "50"]


def test_a_perfect_network_confuses_nothing():
    perfect = evaluation(confusion=np.diag(CONFUSION.sum(1)))
    assert "Most confused" not in "".join(confusion(perfect))


def test_objects_by_size():
    _, small, large = rows(sizes(evaluation()))
    assert small == ["small", "up to 1.0 %", "0", "-", "", "-"]
    assert large == ["large", "up to 100.0 %", "7", "0.8125", "", "85.7 %"]
    none = [dataclasses.replace(size, objects=0) for size in evaluation().sizes]
    assert not list(sizes(evaluation(sizes=none)))
    assert "install" in "".join(sizes(evaluation(sizes=[])))
