"""Whether the network is as often right as it says: expected calibration error (Guo et al. 2017)."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.evaluation.result import Calibration

_BINS = 15


class Reliability:
    """Counts right pixels by the probability that the network gave to its answer.

    Args:
        ignore_label: true label whose pixels do not count; None for none.
        bins: number of bins of equal width; each holds its upper limit.
    """

    def __init__(self, ignore_label: int | None, bins: int = _BINS) -> None:
        self.ignore_label, self.bins = ignore_label, bins
        self._pixels, self._right = np.zeros(bins, np.int64), np.zeros(bins, np.int64)
        self._confidence = np.zeros(bins)

    def update(self, truth: np.ndarray, labels: np.ndarray, confidence: np.ndarray) -> None:
        """Adds an image.

        Args:
            truth: true labels, integers [height, width].
            labels: predicted labels, likewise.
            confidence: probability of the predicted labels, float32 [height, width], 0..1.
        """
        valid = truth != self.ignore_label
        told, right = confidence[valid], truth[valid] == labels[valid]
        # Rounding may leave a sum of probabilities a little above 1.
        places = np.clip(np.ceil(told * self.bins).astype(np.int64) - 1, 0, self.bins - 1)
        self._pixels += np.bincount(places, minlength=self.bins)
        self._right += np.bincount(places[right], minlength=self.bins)
        self._confidence += np.bincount(places, weights=told, minlength=self.bins)

    def calibration(self) -> Calibration:
        """What everything counted so far says."""
        pixels, found = self._pixels, self._pixels > 0
        mean, accuracy = (
            np.divide(part, pixels, out=np.full(self.bins, np.nan), where=found)
            for part in (self._confidence, self._right)
        )
        distance = np.abs(self._confidence - self._right).sum()
        return Calibration(
            edges=np.linspace(0, 1, self.bins + 1),
            pixels=pixels.copy(),
            confidence=mean,
            accuracy=accuracy,
            error=float(distance / pixels.sum()) if pixels.any() else float("nan"),
        )
