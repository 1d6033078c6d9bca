"""Which classes are taken for each other, from a confusion matrix."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class ConfusedPair:
    """A true class and what it is taken for.

    Attributes:
        truth: the true class.
        predicted: the predicted class.
        pixels: valid pixels of that kind.
        of_class: their share of the pixels of the true class, 0..1.
        of_errors: their share of all wrong pixels, 0..1.
    """

    truth: int
    predicted: int
    pixels: int
    of_class: float
    of_errors: float


def confused_pairs(confusion: np.ndarray, most: int) -> list[ConfusedPair]:
    """The pairs with the most wrong pixels, the worst first; pairs without any are left out.

    Args:
        confusion: valid pixels, int64 [true class, predicted class].
        most: at most so many pairs.
    """
    wrong = confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    return [
        ConfusedPair(
            int(truth),
            int(predicted),
            pixels=int(wrong[truth, predicted]),
            of_class=float(wrong[truth, predicted] / confusion[truth].sum()),
            of_errors=float(wrong[truth, predicted] / wrong.sum()),
        )
        for truth, predicted in zip(*np.unravel_index(order, wrong.shape), strict=True)
        if wrong[truth, predicted]
    ]


def most_confused(confusion: np.ndarray, most: int) -> list[int]:
    """The classes with the most wrong pixels, missed or false, in their own order; absent classes are left out.

    Args:
        confusion: valid pixels, int64 [true class, predicted class].
        most: at most so many classes.
    """
    seen = confusion.sum(0) + confusion.sum(1)
    wrong = seen - 2 * np.diag(confusion)
    order = [int(label) for label in np.argsort(-wrong, kind="stable") if seen[label]]
    return sorted(order[:most])
