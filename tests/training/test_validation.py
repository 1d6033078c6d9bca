"""Validation on the way: the table, the warning, the columns of the log, and pictures from the whole split."""

import csv
import types

import numpy as np
import pytest
import tensorflow as tf
from watched import STEPS, VALIDATE

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.evaluation.confusion import scores_of
from deeplab_tf2.training.validation import Validated, Validation, validation_row, validator


def test_a_run_prints_a_table_and_keeps_every_class(watched_run):
    names = load_descriptor(watched_run.folder).class_names
    with open(f"{watched_run.folder}/validation_log.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [VALIDATE, STEPS]
    for row in rows:
        each = [float(row[f"IoU {name}"]) for name in names if row[f"IoU {name}"]]
        assert float(row["mIoU"]) == pytest.approx(np.mean(each), abs=1e-12)
    tables = [line for line in watched_run.lines if line.startswith("class")]
    assert len(tables) == 2 and all(name in tables[0] for name in names)
    last = next(line for line in watched_run.lines if line.startswith(f"step {STEPS}/{STEPS}  validation"))
    assert f"mIoU {float(rows[-1]['mIoU']):.4f}" in last


def test_the_log_has_what_eval_finds(watched_run):
    found = validator(watched_run.config, load_descriptor(watched_run.folder), watched_run.model)()
    with open(f"{watched_run.folder}/validation_log.csv", encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    assert float(last["mIoU"]) == pytest.approx(found.scores.miou, abs=1e-6)
    # The split has three images, and all are shown.
    assert len({example.name for example in found.examples}) == 3
    assert all(example.truth.shape == example.labels.shape == example.image.shape[:2] for example in found.examples)


def act(validate, names, step=5, last=9):
    lines, rows = [], []
    validation = Validation(5, last, validate, names, lines.append, rows.append)
    validation.set_model(types.SimpleNamespace())
    validation.act(step, {})
    return validation, lines, rows


def test_a_takeover_is_told_and_absent_classes_are_empty():
    scores = scores_of(np.array([[60, 0, 0], [40, 0, 0], [0, 0, 0]]))
    validation, lines, rows = act(lambda: Validated(scores, []), ("a", "b", "c"))
    assert rows == [{"step": 5, "mIoU": 0.3, "pixel_accuracy": 0.6, "IoU a": 0.6, "IoU b": 0.0, "IoU c": ""}]
    assert lines[0] == "step 5/9  validation mIoU 0.3000  pixel accuracy 0.6000"
    assert "absent" in lines[1] and lines[2].startswith("warning: one class has taken over: 'a'")
    assert validation.latest.scores is scores and validation.row == rows[0]


def test_a_table_of_very_many_classes_is_printed_at_the_end_only():
    names = tuple(f"class {label}" for label in range(150))
    validated = Validated(scores_of(np.eye(150, dtype=np.int64)), [])
    assert len(act(lambda: validated, names)[1]) == 1
    assert "class 149" in act(lambda: validated, names, 9)[1][1]


@pytest.mark.parametrize("error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")])
def test_too_large_images_are_told(error):
    def validate():
        raise error

    with pytest.raises(InputError, match="out of memory while validating at step 5.*--max_resize_value"):
        act(validate, ("a", "b"))


def test_nothing_scored_is_an_empty_row():
    row = validation_row(3, scores_of(np.zeros((2, 2), np.int64)), ("a", "b"))
    assert row == {"step": 3, "mIoU": "", "pixel_accuracy": "", "IoU a": "", "IoU b": ""}
