"""Confusion matrix over a whole split, exact in int64, and the scores that follow from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import constant_answer_miou

# A class that covers more than this share of the prediction has taken over.
TAKEOVER_SHARE = 0.99
UNLABELLED = "there is nothing to score against: the split has no masks"


@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """What a confusion matrix says.

    Attributes:
        iou: tp / (tp + fp + fn) per class, float64; nan for a class neither in truth nor in prediction.
        dice: 2 tp / (2 tp + fp + fn) per class, also called F1; nan likewise.
        precision: tp / (tp + fp) per class; nan for a class that is not predicted.
        recall: tp / (tp + fn) per class; nan for a class that is not in the truth.
        truth_pixels: valid pixels per class in the truth, int64.
        predicted_pixels: valid pixels per class in the prediction, int64.
        miou: mean of `iou` over the classes that have one; nan when there was no valid pixel.
        pixel_accuracy: fraction of the valid pixels that are right.
        mean_accuracy: mean of `recall` over the classes in the truth.
        mean_dice: mean of `dice` over the classes that have one.
        frequency_weighted_iou: mean of `iou` weighted by `truth_pixels`.
    """

    iou: np.ndarray
    dice: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    truth_pixels: np.ndarray
    predicted_pixels: np.ndarray
    miou: float
    pixel_accuracy: float
    mean_accuracy: float
    mean_dice: float
    frequency_weighted_iou: float

    @property
    def scored_classes(self) -> int:
        """Number of classes over which `miou` is the mean."""
        return int((~np.isnan(self.iou)).sum())

    def miou_without(self, label: int | None) -> float | None:
        """`miou` over the classes other than an ignored one; None unless `label` is a class.

        A class whose truth is ignored has no right pixel: predicted once, it enters `miou` with 0 (class 0 of ADE20K).
        """
        if label is None or not 0 <= label < len(self.iou):
            return None
        return _mean(np.delete(self.iou, label))


class ConfusionMatrix:
    """Counts of (true class, predicted class) over valid pixels.

    Args:
        num_classes: number of classes.
        ignore_label: true label whose pixels do not count; it may lie inside or outside the classes.

    Attributes:
        matrix: int64 [true class, predicted class].
    """

    def __init__(self, num_classes: int, ignore_label: int | None) -> None:
        self.num_classes = num_classes
        self.ignore_label = ignore_label
        self.matrix = np.zeros((num_classes, num_classes), np.int64)

    def update(self, labels: np.ndarray, predictions: np.ndarray) -> np.ndarray:
        """Adds the pixels of one image or batch.

        Args:
            labels: true classes, integers of any shape.
            predictions: predicted classes, integers of the same shape.

        Returns:
            What was added, int64 [true class, predicted class].

        Raises:
            InputError: the shapes differ, or a value is no class.
        """
        labels, predictions = np.asarray(labels), np.asarray(predictions)
        if labels.shape != predictions.shape:
            raise InputError(f"labels {list(labels.shape)} and predictions {list(predictions.shape)} differ in shape")
        if self.ignore_label is not None:
            valid = labels != self.ignore_label
            labels, predictions = labels[valid], predictions[valid]
        self._check(labels, "true label", f"{self.ignore_label} is ignored")
        self._check(predictions, "predicted class", "the network has another number of classes than the data")
        cells = labels.astype(np.int64).ravel() * self.num_classes + predictions.ravel()
        counts = np.bincount(cells, minlength=self.num_classes**2).reshape(self.matrix.shape)
        self.matrix += counts
        return counts

    def _check(self, values: np.ndarray, what: str, advice: str) -> None:
        if values.size and (values.min() < 0 or values.max() >= self.num_classes):
            strange = np.unique(values[(values < 0) | (values >= self.num_classes)])
            listed = ", ".join(map(str, strange[:8]))
            raise InputError(f"{what} {listed}: legal are 0..{self.num_classes - 1} ({advice})")

    def scores(self) -> Scores:
        """The scores of everything counted so far."""
        return scores_of(self.matrix)


def scores_of(matrix: np.ndarray) -> Scores:
    """The scores of a confusion matrix, int64 [true class, predicted class]."""
    right, truth, predicted = np.diag(matrix), matrix.sum(1), matrix.sum(0)
    union = truth + predicted - right
    total = truth.sum()
    iou, dice, recall = _ratio(right, union), _ratio(2 * right, truth + predicted), _ratio(right, truth)
    return Scores(
        iou=iou,
        dice=dice,
        precision=_ratio(right, predicted),
        recall=recall,
        truth_pixels=truth,
        predicted_pixels=predicted,
        miou=_mean(iou),
        pixel_accuracy=float(right.sum() / total) if total else float("nan"),
        mean_accuracy=_mean(recall),
        mean_dice=_mean(dice),
        frequency_weighted_iou=float((np.nan_to_num(iou) * truth).sum() / total) if total else float("nan"),
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _mean(values: np.ndarray) -> float:
    found = values[~np.isnan(values)]
    return float(found.mean()) if found.size else float("nan")


def takeover_warning(scores: Scores, class_names: Sequence[str]) -> str | None:
    """Says in plain words that one class has taken over the prediction, or returns None.

    A class has taken over when it covers more than 99 % of the predicted pixels, or all of them, while it
    covers clearly less of the truth.
    """
    total = scores.predicted_pixels.sum()
    if not total:
        return None
    winner = int(scores.predicted_pixels.argmax())
    predicted, truth = scores.predicted_pixels[winner] / total, scores.truth_pixels[winner] / total
    # With a truth that is nearly all of one class, predicting little else is right unless it is nothing else.
    if predicted <= TAKEOVER_SHARE or truth == 1 or (predicted < 1 and truth > TAKEOVER_SHARE):
        return None
    commonest = class_names[int(scores.truth_pixels.argmax())]
    constant = constant_answer_miou(scores.truth_pixels)
    return (
        f"warning: one class has taken over: {class_names[winner]!r} covers {_percent(predicted)} of the "
        f"prediction, but {_percent(truth)} of the truth. The mean IoU is {scores.miou:.4f}; always "
        f"answering the commonest class ({commonest!r}) would score {constant:.4f}. "
        "Likely causes: too few training steps, a learning rate too high or too low, or masks whose values "
        f"are not the class numbers 0..{len(class_names) - 1}."
    )


def _percent(share: float) -> str:
    # Never "100 %" for a share that is not whole.
    return "all" if share == 1 else f"{min(100 * share, 99.99):.2f} %"
