"""The worst and the best images of a split, however many it has."""

from __future__ import annotations

import bisect
import math

import numpy as np
from PIL import Image

from deeplab_tf2.evaluation.result import ImageScore, Shown

# The longer side of an image that is kept, in pixels.
LARGEST = 640


class Extremes:
    """Keeps the images of the lowest and of the highest mIoU, at a size for the screen.

    Args:
        most: how many of each are kept.
    """

    def __init__(self, most: int) -> None:
        self.most, self._seen = most, 0
        self._low: list[tuple[float, int, Shown]] = []
        self._high: list[tuple[float, int, Shown]] = []

    def offer(self, score: ImageScore, image: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> None:
        """Keeps an image if it is among the extreme ones; one without a valid pixel never is.

        Args:
            score: what it scores.
            image: uint8 [height, width, 3].
            truth: true labels, integers [height, width].
            labels: predicted labels, likewise.
        """
        if math.isnan(score.miou):
            return
        self._seen += 1
        # Of equal scores the first are kept: as many of the best may be among the worst, and are left out there.
        for kept, key, most in ((self._low, score.miou, self.most), (self._high, -score.miou, 2 * self.most)):
            if len(kept) < most or (kept and key < kept[-1][0]):
                bisect.insort(kept, (key, self._seen, _reduced(score, image, truth, labels)))
                del kept[most:]

    def worst(self) -> tuple[Shown, ...]:
        """The lowest first; of few images, no more than half."""
        return tuple(shown for _, _, shown in self._worst())

    def best(self) -> tuple[Shown, ...]:
        """The highest first; none of the worst."""
        worst = {number for _, number, _ in self._worst()}
        best = [shown for _, number, shown in self._high if number not in worst]
        return tuple(best[: min(self.most, self._seen // 2)])

    def _worst(self) -> list[tuple[float, int, Shown]]:
        return self._low[: (self._seen + 1) // 2]


def _reduced(score: ImageScore, image: np.ndarray, truth: np.ndarray, labels: np.ndarray) -> Shown:
    step = max(1, math.ceil(max(labels.shape) / LARGEST))
    small = tuple(slice(min(step // 2, side - 1), None, step) for side in labels.shape)
    height, width = labels[small].shape
    picture = Image.fromarray(image).resize((width, height), Image.Resampling.BOX)
    return Shown(score, np.asarray(picture), truth[small].copy(), labels[small].copy())
