"""Panoptic quality (Kirillov et al., 2019): how many segments are found, and how well."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.evaluation.panoptic.overlaps import Overlaps


class PanopticQuality:
    """Matches segments of one category that overlap by more than half, and counts.

    Void pixels of a prediction do not count against it; a predicted segment that lies mostly on ignored truth (void
    or crowd) is no false one.

    Args:
        num_categories: categories are 0..num_categories - 1.
        ignored_label: category that is not scored; it may lie inside or outside the categories.

    Attributes:
        iou: sum of the IoU of the matched pairs per category, float64.
        matched: their number per category, int64.
        missed: true segments without a match, int64.
        false: predicted segments without a match, int64.
    """

    def __init__(self, num_categories: int, ignored_label: int = 0) -> None:
        self.ignored_label = ignored_label
        self.iou = np.zeros(num_categories)
        self.matched, self.missed, self.false = np.zeros((3, num_categories), np.int64)

    def update(self, found: Overlaps) -> None:
        """Adds one image."""
        areas = found.areas
        iou = _iou(found, self.ignored_label)
        # Among the categories, the ignored one is counted, though not scored.
        is_counted = (found.predicted[:, 0] != self.ignored_label) | (0 <= self.ignored_label < len(self.iou))
        pairs = found.same_category & (iou > 0.5) & is_counted
        categories = np.broadcast_to(found.truth[:, :1], pairs.shape)
        np.add.at(self.iou, categories[pairs], iou[pairs])
        np.add.at(self.matched, categories[pairs], 1)
        is_ignored = found.truth[:, 0] == self.ignored_label
        np.add.at(self.missed, found.truth[~pairs.any(1) & ~is_ignored, 0], 1)
        excused = 2 * areas[is_ignored].sum(0) > areas.sum(0)
        np.add.at(self.false, found.predicted[is_counted & ~pairs.any(0) & ~excused, 0], 1)

    @property
    def scored(self) -> np.ndarray:
        """The categories that occur and are not ignored, bool [categories]."""
        occurs = self.matched + self.missed + self.false > 0
        return occurs & (np.arange(len(occurs)) != self.ignored_label)

    def by_category(self) -> dict[str, np.ndarray]:
        """Panoptic quality "pq" and its factors, segmentation quality "sq" and recognition quality "rq", 0..1."""
        sq = self.iou / np.maximum(self.matched, 1)
        rq = self.matched / np.maximum(self.matched + (self.missed + self.false) / 2, 0.5)
        return {"pq": sq * rq, "sq": sq, "rq": rq}

    def counts(self) -> dict[str, np.ndarray]:
        """What the qualities follow from, by category."""
        return {"matched": self.matched, "missed": self.missed, "false": self.false}


def _iou(found: Overlaps, ignored_label: int) -> np.ndarray:
    """IoU of each pair of segments, whose union leaves out the void pixels of the prediction."""
    areas = found.areas
    is_void = (found.truth == (ignored_label, 0)).all(1)
    union = areas.sum(1, keepdims=True) + areas.sum(0) - areas - areas[is_void].sum(0)
    # A union is empty only where void meets a segment that lies on void alone.
    return areas / np.maximum(union, 1)
