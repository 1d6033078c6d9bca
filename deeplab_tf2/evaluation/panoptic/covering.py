"""Parsing covering (Yang et al., 2019): large segments weigh more, and no threshold decides."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.evaluation.panoptic.overlaps import Overlaps


class ParsingCovering:
    """Gives each true segment the best IoU of its category's predictions, and averages them by area.

    Args:
        num_categories: categories are 0..num_categories - 1.
        ignored_label: category that is not scored; its pixels of the truth count nowhere. It may lie inside or outside
            the categories.
        normalize_by_image_size: areas are shares of their image instead of pixels.

    Attributes:
        covered: sum of area times best IoU per category, float64.
        area: sum of the areas per category, float64.
    """

    def __init__(self, num_categories: int, ignored_label: int = 0, normalize_by_image_size: bool = True) -> None:
        self.ignored_label = ignored_label
        self.normalize_by_image_size = normalize_by_image_size
        self.covered, self.area = np.zeros((2, num_categories))

    def update(self, found: Overlaps) -> None:
        """Adds one image."""
        counted = found.truth[:, 0] != self.ignored_label
        areas, categories = found.areas[counted], found.truth[counted, 0]
        own = areas.sum(1, keepdims=True)
        iou = np.where(found.same_category[counted], areas / (own + areas.sum(0) - areas), 0)
        weights = own[:, 0] / (found.pixels if self.normalize_by_image_size else 1)
        np.add.at(self.covered, categories, weights * iou.max(1, initial=0))
        np.add.at(self.area, categories, weights)

    @property
    def scored(self) -> np.ndarray:
        """The categories that the truth has, bool [categories]."""
        return self.area > 0

    def by_category(self) -> dict[str, np.ndarray]:
        """Parsing covering, "pc", 0..1."""
        return {"pc": self.covered / np.where(self.scored, self.area, 1)}

    def counts(self) -> dict[str, np.ndarray]:
        """What it follows from, by category: the area in the truth, pixels or shares of images."""
        return {"area": self.area}
