"""The part of an evaluation's page about classes: scores, what is taken for what, objects by size."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from deeplab_tf2.data.catalog import constant_answer_miou
from deeplab_tf2.evaluation.confused import confused_pairs, most_confused
from deeplab_tf2.evaluation.confusion import takeover_warning
from deeplab_tf2.evaluation.objects import WITHOUT_SCIPY
from deeplab_tf2.evaluation.result import Evaluation
from deeplab_tf2.evaluation.wording import score
from deeplab_tf2.pictures.heat_map import heat_map
from deeplab_tf2.pictures.legend import percent
from deeplab_tf2.pictures.page import Html, bar, element, named, table

# Classes of a heat map that fits a screen, and pairs that are worth a look.
_CELLS, _PAIRS = 30, 12


def summary(evaluation: Evaluation) -> Iterator[Html]:
    """What there is to say in one number each."""
    scores = evaluation.scores
    images = f"{len(evaluation.images):,} images, {int(evaluation.confusion.sum()):,} valid pixels."
    yield element("p", images)
    if warning := takeover_warning(scores, evaluation.class_names):
        yield element("p", warning, kind="warning")
    constant = constant_answer_miou(scores.truth_pixels)
    rows = [
        ("mIoU", score(scores.miou), f"mean over {scores.scored_classes} classes; the measure to compare"),
        ("mIoU of a constant answer", score(constant), "what always answering the commonest class scores"),
        ("pixel accuracy", score(scores.pixel_accuracy), "share of right pixels"),
        ("mean class accuracy", score(scores.mean_accuracy), "mean recall of the classes in the truth"),
        ("mean Dice", score(scores.mean_dice), "also called F1"),
        ("frequency weighted IoU", score(scores.frequency_weighted_iou), "IoU weighted by the pixels of the classes"),
    ]
    without = scores.miou_without(evaluation.ignore_label)
    if without is not None:
        ignored = evaluation.class_names[evaluation.ignore_label or 0]
        rows.insert(1, (f"mIoU without {ignored}", score(without), "its true pixels are ignored"))
    if not math.isnan(evaluation.mean_boundary_iou):
        rows.append(("boundary IoU", score(evaluation.mean_boundary_iou), "mean IoU of the bands along contours"))
    if evaluation.calibration is not None:
        rows.append(("calibration error", score(evaluation.calibration.error), "how far probabilities are off"))
    yield table(("score", "value", "meaning"), rows, text_columns=(0, 2))


def classes(evaluation: Evaluation) -> Iterator[Html]:
    """A row per class."""
    scores = evaluation.scores
    truth, predicted = (pixels / max(int(pixels.sum()), 1) for pixels in (scores.truth_pixels, scores.predicted_pixels))
    rows = []
    for label, name in enumerate(evaluation.class_names):
        iou = scores.iou[label]
        measured = (scores.precision, scores.recall, scores.dice, evaluation.boundary_iou)
        rows.append(
            (
                named(evaluation.colors[label], name),
                score(iou, "absent"),
                bar(0 if math.isnan(iou) else iou),
                *(score(values[label]) for values in measured),
                f"{scores.truth_pixels[label]:,} ({percent(truth[label])})",
                f"{scores.predicted_pixels[label]:,} ({percent(predicted[label])})",
            )
        )
    yield element("h2", "Classes")
    heads = ("class", "IoU", "", "precision", "recall", "Dice", "boundary IoU", "true pixels", "predicted pixels")
    yield table(heads, rows, text_columns=(0, 2))


def confusion(evaluation: Evaluation) -> Iterator[Html]:
    """The confusion matrix as a heat map, and its worst cells."""
    matrix, names, colors = evaluation.confusion, evaluation.class_names, evaluation.colors
    shown = most_confused(matrix, _CELLS)
    totals = matrix.sum(1, keepdims=True)
    shares = np.divide(matrix, totals, out=np.full(matrix.shape, np.nan), where=totals > 0)[np.ix_(shown, shown)]
    of = f" Of {len(names)} classes, those with the most errors." if len(shown) == _CELLS < len(names) else ""
    yield element("h2", "What is taken for what")
    yield element("p", f"A row is a true class: how many percent of its pixels are predicted as each class.{of}")
    yield heat_map(shares, [names[label] for label in shown], "true \\ predicted")
    rows = [
        (
            named(colors[pair.truth], names[pair.truth]),
            named(colors[pair.predicted], names[pair.predicted]),
            percent(pair.of_class),
            percent(pair.of_errors),
            f"{pair.pixels:,}",
        )
        for pair in confused_pairs(matrix, _PAIRS)
    ]
    if rows:
        heads = ("true class", "taken for", "of the class", "of all errors", "pixels")
        yield element("h2", "Most confused pairs")
        yield table(heads, rows, text_columns=(0, 1))


def sizes(evaluation: Evaluation) -> Iterator[Html]:
    """How well objects of each size are found."""
    if not evaluation.sizes:
        yield element("h2", "Objects by size")
        yield element("p", WITHOUT_SCIPY)
    if not any(size.objects for size in evaluation.sizes):
        return
    rows = [
        (
            size.name,
            f"up to {percent(size.at_most)}",
            f"{size.objects:,}",
            score(size.recall),
            bar(size.recall if size.objects else 0),
            percent(size.found) if size.objects else "-",
        )
        for size in evaluation.sizes
    ]
    yield element("h2", "Objects by size")
    text = "An object is a connected area of one true class; it is found when at least half of its pixels are right."
    yield element("p", text)
    heads = ("size", "of the image", "objects", "right pixels", "", "found")
    yield table(heads, rows, text_columns=(0, 4))
