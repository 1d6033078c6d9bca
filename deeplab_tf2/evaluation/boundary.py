"""Boundary IoU: overlap of the bands along the contours of truth and prediction (Cheng et al. 2021)."""

from __future__ import annotations

import math

import numpy as np

from deeplab_tf2.evaluation.borders import near_another_label

# Width of the bands as a share of the diagonal of the image, as in the paper's tools.
_SHARE = 0.02


class Boundary:
    """Counts the pixels of the bands of each class, over all images.

    The band of a class are its pixels within 2 % of the image's diagonal from a pixel that is not of the class, or from
    the frame of the image. Void is of no class, in the prediction too, whatever it says there.

    Args:
        num_classes: number of classes.
        ignore_label: true label whose pixels do not count; None for none.
    """

    def __init__(self, num_classes: int, ignore_label: int | None) -> None:
        self.ignore_label = ignore_label
        # Pixels in both bands, in that of the truth, and in that of the prediction.
        self._counts = np.zeros((3, num_classes), np.int64)

    def update(self, truth: np.ndarray, labels: np.ndarray) -> None:
        """Adds an image: true and predicted labels, integers [height, width]."""
        labels = np.where(truth == self.ignore_label, truth, labels)
        width = max(1, round(_SHARE * math.hypot(*truth.shape)))
        true = near_another_label(truth, width) & (truth != self.ignore_label)
        predicted = near_another_label(labels, width) & (truth != self.ignore_label)
        both = true & predicted & (truth == labels)
        for counts, classes in zip(self._counts, (truth[both], truth[true], labels[predicted]), strict=True):
            counts += np.bincount(classes, minlength=len(counts))

    def iou(self) -> np.ndarray:
        """Boundary IoU of each class, float64 [classes]; nan for one without a contour in truth and prediction."""
        both, truth, predicted = self._counts
        union = truth + predicted - both
        return np.divide(both, union, out=np.full(len(union), np.nan), where=union > 0)
