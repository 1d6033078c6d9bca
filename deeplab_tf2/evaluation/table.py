"""Scores as a table for people and as a dictionary for programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from deeplab_tf2.data.catalog import constant_answer_miou
from deeplab_tf2.evaluation.confusion import Scores

_HEADINGS = ("class", "IoU", "truth pixels", "truth", "predicted")


def format_table(scores: Scores, class_names: Sequence[str]) -> str:
    """The scores as plain text: a line per class, then the means.

    A class neither in truth nor in prediction is `absent` and no part of the mean.
    """
    truth, predicted = _shares(scores.truth_pixels), _shares(scores.predicted_pixels)
    rows = [
        (
            name,
            "absent" if math.isnan(scores.iou[label]) else f"{scores.iou[label]:.4f}",
            f"{scores.truth_pixels[label]:,}",
            f"{100 * truth[label]:.2f} %",
            f"{100 * predicted[label]:.2f} %",
        )
        for label, name in enumerate(class_names)
    ]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    lines = [_line(row, widths) for row in (_HEADINGS, *rows)]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:], rule, *_footer(scores)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *others])


def _footer(scores: Scores) -> list[str]:
    absent = len(scores.iou) - scores.scored_classes
    over = f"over {scores.scored_classes} classes" + (f", {absent} absent" if absent else "")
    constant = f"always answering the commonest class: {constant_answer_miou(scores.truth_pixels):.4f}"
    return [
        f"mIoU                    {scores.miou:.4f}  ({over}; {constant})",
        f"pixel accuracy          {scores.pixel_accuracy:.4f}",
        f"mean class accuracy     {scores.mean_accuracy:.4f}",
        f"frequency weighted IoU  {scores.frequency_weighted_iou:.4f}",
    ]


def _shares(pixels: np.ndarray) -> np.ndarray:
    return pixels / max(int(pixels.sum()), 1)


def to_json(scores: Scores, class_names: Sequence[str], **facts: Any) -> dict[str, Any]:
    """The scores as JSON-ready values; what has no value (an absent class) is null.

    Args:
        scores: the scores.
        class_names: one name per class.
        facts: what else the report shall hold, for example the split and the checkpoint; it comes first.
    """
    return facts | {
        "miou": _number(scores.miou),
        "classes_in_miou": scores.scored_classes,
        "pixel_accuracy": _number(scores.pixel_accuracy),
        "mean_accuracy": _number(scores.mean_accuracy),
        "frequency_weighted_iou": _number(scores.frequency_weighted_iou),
        "constant_answer_miou": _number(constant_answer_miou(scores.truth_pixels)),
        "classes": [
            {
                "name": name,
                "iou": _number(scores.iou[label]),
                "truth_pixels": int(scores.truth_pixels[label]),
                "predicted_pixels": int(scores.predicted_pixels[label]),
            }
            for label, name in enumerate(class_names)
        ],
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
