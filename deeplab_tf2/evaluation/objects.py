"""How well objects of about one size are found; an object is a connected area of one class in the truth."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import numpy as np

from deeplab_tf2.evaluation.result import SizeScore

# What the report calls a size -> largest share of the pixels of the image.
SIZES = {"tiny": 0.001, "small": 0.01, "medium": 0.1, "large": 1.0}
WITHOUT_SCIPY = "Scores by object size are left out; they need the extra 'scipy': pip install 'deeplab-tf2[scipy]'."
# Pixels that touch at a corner are connected.
_NEIGHBOURS = np.ones((3, 3), bool)


def installed() -> bool:
    """Whether SciPy is, which finds the objects."""
    return importlib.util.find_spec("scipy") is not None


class ObjectSizes:
    """Counts how much of each true object is right, by the share of the image that it covers.

    Args:
        ignore_label: true label whose pixels are no object; None for none.
    """

    def __init__(self, ignore_label: int | None) -> None:
        self.ignore_label = ignore_label
        self._objects, self._found = np.zeros(len(SIZES), np.int64), np.zeros(len(SIZES), np.int64)
        self._recall = np.zeros(len(SIZES))

    def update(self, truth: np.ndarray, labels: np.ndarray) -> None:
        """Adds an image: true and predicted labels, integers [height, width]."""
        for area, hit in self._areas(truth, truth == labels):
            size = np.searchsorted(list(SIZES.values()), area / truth.size)
            self._objects += np.bincount(size, minlength=len(SIZES))
            self._found += np.bincount(size[2 * hit >= area], minlength=len(SIZES))
            self._recall += np.bincount(size, weights=hit / area, minlength=len(SIZES))

    def _areas(self, truth: np.ndarray, right: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Of each class: the pixels of its objects, and those that are right, int64 [objects] each."""
        from scipy import ndimage

        for label, place in enumerate(ndimage.find_objects(truth.astype(np.int32) + 1)):
            if place is not None and label != self.ignore_label:
                inside = truth[place] == label
                objects, count = ndimage.label(inside, _NEIGHBOURS)
                some = objects[inside], objects[inside & right[place]]
                area, hit = (np.bincount(numbers, minlength=count + 1)[1:] for numbers in some)
                yield area, hit

    def scores(self) -> tuple[SizeScore, ...]:
        """The scores of everything counted so far, from small to large."""
        return tuple(
            SizeScore(
                name=name,
                at_most=share,
                objects=int(count),
                recall=float(recall / count) if count else float("nan"),
                found=float(found / count) if count else float("nan"),
            )
            for (name, share), count, recall, found in zip(
                SIZES.items(), self._objects, self._recall, self._found, strict=True
            )
        )
