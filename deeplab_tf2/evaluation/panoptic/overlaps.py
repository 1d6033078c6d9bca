"""Segments of a true and of a predicted panoptic map, and the pixels that they share."""

from __future__ import annotations

import dataclasses

import numpy as np

from deeplab_tf2.config import InputError


@dataclasses.dataclass(frozen=True, eq=False)
class PanopticMap:
    """What each pixel of an image belongs to.

    Attributes:
        categories: integers [height, width].
        instances: integers [height, width]; with the category they name a segment. Number 0 of the ignored category
            is void: pixels that nobody labelled.
    """

    categories: np.ndarray
    instances: np.ndarray

    def segments(self) -> tuple[np.ndarray, np.ndarray]:
        """The segments, int64 [segments, 2] of (category, instance), and the place of each pixel's, int64 [pixels]."""
        if self.categories.shape != self.instances.shape:
            raise InputError(
                f"categories {list(self.categories.shape)} and instances {list(self.instances.shape)} differ in shape"
            )
        pairs = np.stack([self.categories, self.instances], axis=-1).reshape(-1, 2).astype(np.int64)
        found, places = np.unique(pairs, axis=0, return_inverse=True)
        return found, places.ravel()


@dataclasses.dataclass(frozen=True, eq=False)
class Overlaps:
    """How the segments of two panoptic maps of one image lie over each other.

    Attributes:
        truth: segments of the truth, int64 [segments, 2] of (category, instance).
        predicted: segments of the prediction, in the same form.
        areas: pixels that two segments share, int64 [true segments, predicted segments].
    """

    truth: np.ndarray
    predicted: np.ndarray
    areas: np.ndarray

    @property
    def pixels(self) -> int:
        """Pixels of the image."""
        return int(self.areas.sum())

    @property
    def same_category(self) -> np.ndarray:
        """Whether two segments are of one category, bool [true segments, predicted segments]."""
        return self.truth[:, :1] == self.predicted[:, 0]


def overlaps(truth: PanopticMap, predicted: PanopticMap) -> Overlaps:
    """Lays a predicted map over the true one.

    Raises:
        InputError: they differ in size.
    """
    if truth.categories.shape != predicted.categories.shape:
        raise InputError(
            f"the truth is {list(truth.categories.shape)}, the prediction {list(predicted.categories.shape)}: a "
            "prediction has the size of its image"
        )
    (rows, row_of), (columns, column_of) = truth.segments(), predicted.segments()
    return Overlaps(rows, columns, shared_areas(row_of, column_of, len(rows), len(columns)))


def shared_areas(rows: np.ndarray, columns: np.ndarray, num_rows: int, num_columns: int) -> np.ndarray:
    """Counts pixels by their row and column, int64 [rows, columns]."""
    counted = np.bincount(rows * num_columns + columns, minlength=num_rows * num_columns)
    return counted.reshape(num_rows, num_columns)
