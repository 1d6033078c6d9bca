"""Scores as a table for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from deeplab_tf2.data.catalog import constant_answer_miou
from deeplab_tf2.evaluation.confusion import Scores


def format_table(
    scores: Scores,
    class_names: Sequence[str],
    more: Mapping[str, np.ndarray] | None = None,
    ignore_label: int | None = None,
) -> str:
    """The scores as plain text: a line per class, then the means.

    A class neither in truth nor in prediction is `absent` and no part of the mean.

    Args:
        scores: the scores.
        class_names: one name per class.
        more: further columns by their headings, float64 [classes] each.
        ignore_label: true label whose pixels do not count; where it is a class, the mIoU without it is told too.
    """
    shares = {**(more or {}), "Dice": scores.dice, "precision": scores.precision, "recall": scores.recall}
    headings = ("class", "IoU", *shares, "truth pixels", "truth", "predicted pixels", "predicted")
    truth, predicted = _percentages(scores.truth_pixels), _percentages(scores.predicted_pixels)
    rows = [
        (
            name,
            _told(scores.iou[label], "absent"),
            *(_told(values[label], "-") for values in shares.values()),
            f"{scores.truth_pixels[label]:,}",
            truth[label],
            f"{scores.predicted_pixels[label]:,}",
            predicted[label],
        )
        for label, name in enumerate(class_names)
    ]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    lines = [_line(row, widths) for row in (headings, *rows)]
    rule = "-" * len(lines[0])
    return "\n".join([lines[0], rule, *lines[1:], rule, *_footer(scores, class_names, ignore_label)])


def _told(share: float, without: str) -> str:
    return without if math.isnan(share) else f"{share:.4f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([first.strip().ljust(widths[0]), *others])


def _footer(scores: Scores, class_names: Sequence[str], ignore_label: int | None) -> list[str]:
    absent = len(scores.iou) - scores.scored_classes
    over = f"over {scores.scored_classes} classes" + (f", {absent} absent" if absent else "")
    constant = f"always answering the commonest class: {constant_answer_miou(scores.truth_pixels):.4f}"
    lines = [
        f"mIoU                    {scores.miou:.4f}  ({over}; {constant})",
        f"mean Dice (F1)          {scores.mean_dice:.4f}",
        f"pixel accuracy          {scores.pixel_accuracy:.4f}",
        f"mean class accuracy     {scores.mean_accuracy:.4f}",
        f"frequency weighted IoU  {scores.frequency_weighted_iou:.4f}",
    ]
    without = scores.miou_without(ignore_label)
    if ignore_label is not None and without is not None:
        name = class_names[ignore_label]
        lines.insert(1, f"mIoU without a class    {without:.4f}  (without {name!r}, whose true pixels are ignored)")
    return lines


def _percentages(pixels: np.ndarray) -> list[str]:
    return [f"{share:.2f} %" for share in 100 * pixels / max(int(pixels.sum()), 1)]
