"""Evaluations as files for programs: JSON with everything, CSV for spreadsheets."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import write_json
from deeplab_tf2.data.catalog import constant_answer_miou
from deeplab_tf2.evaluation.result import Evaluation


def save_scores(evaluation: Evaluation, folder: str) -> tuple[str, ...]:
    """Writes `<split>_scores.json`, `<split>_classes.csv`, `<split>_confusion.csv` and `<split>_images.csv`.

    Args:
        evaluation: what was found; the facts may name the "split".
        folder: where to; it must exist.

    Returns:
        The paths of the files, that of the JSON file first.
    """
    split, found = str(evaluation.facts.get("split", "all")), to_json(evaluation)
    names = list(evaluation.class_names)
    tables = {
        "classes": _records(found["classes"]),
        "confusion": [["true", *names], *([name, *row] for name, row in zip(names, found["confusion"], strict=True))],
        "images": _records(found["image_scores"]),
    }
    return (
        write_json(storage.join(folder, f"{split}_scores.json"), found),
        *(
            storage.write_whole(storage.join(folder, f"{split}_{name}.csv"), _csv(rows))
            for name, rows in tables.items()
        ),
    )


def _records(values: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [list(value) for value in values[:1]] + [list(value.values()) for value in values]


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """An evaluation without its pictures as JSON-ready values; what has no value (an absent class) is null.

    The facts come first (among them the number of "images"); "image_scores" has a row for each of them.
    """
    scores, ignore_label = evaluation.scores, evaluation.ignore_label
    per_class = {
        "iou": scores.iou,
        "dice": scores.dice,
        "precision": scores.precision,
        "recall": scores.recall,
        "boundary_iou": evaluation.boundary_iou,
        "truth_pixels": scores.truth_pixels,
        "predicted_pixels": scores.predicted_pixels,
    }
    values = {
        **evaluation.facts,
        "ignore_label": ignore_label,
        "miou": scores.miou,
        "classes_in_miou": scores.scored_classes,
        "miou_without_ignored_class": scores.miou_without(ignore_label),
        "mean_dice": scores.mean_dice,
        "mean_boundary_iou": evaluation.mean_boundary_iou,
        "pixel_accuracy": scores.pixel_accuracy,
        "mean_accuracy": scores.mean_accuracy,
        "frequency_weighted_iou": scores.frequency_weighted_iou,
        "constant_answer_miou": constant_answer_miou(scores.truth_pixels),
        "classes": [
            {"name": name, **{key: values[label] for key, values in per_class.items()}}
            for label, name in enumerate(evaluation.class_names)
        ],
        "confusion": evaluation.confusion,
        "trimap": evaluation.trimap and dataclasses.asdict(evaluation.trimap),
        "calibration": evaluation.calibration and dataclasses.asdict(evaluation.calibration),
        "sizes": [dataclasses.asdict(size) for size in evaluation.sizes],
        "image_scores": [dataclasses.asdict(image) for image in evaluation.images],
    }
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: Any) -> Any:
    """Python's own numbers in place of NumPy's, and None in place of nan."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
