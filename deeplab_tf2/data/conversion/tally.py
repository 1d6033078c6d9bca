"""What was counted in the records of a shard, summed up to what a descriptor says of a split."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from deeplab_tf2.config import Config
from deeplab_tf2.data.catalog import Split


@dataclasses.dataclass(frozen=True)
class Tally(Config):
    """Counts of some records.

    Attributes:
        examples: number of records.
        masks: those of them that have a mask.
        pixels: pixels of each label, [256].
        images: masks in which each label occurs, [256].
        largest_image: (height, width) that no image exceeds, in pixels.
        area: pixels of all images whose channels were summed up.
        sums: sum of each channel over those pixels.
        squares: sum of the squares of each channel over those pixels.
    """

    examples: int = 0
    masks: int = 0
    pixels: tuple[int, ...] = (0,) * 256
    images: tuple[int, ...] = (0,) * 256
    largest_image: tuple[int, ...] = (0, 0)
    area: int = 0
    sums: tuple[float, ...] = ()
    squares: tuple[float, ...] = ()


class Counter:
    """Sums up records, and what was summed up before."""

    def __init__(self) -> None:
        self._examples = self._masks = self._area = 0
        self._pixels = np.zeros(256, np.int64)
        self._images = np.zeros(256, np.int64)
        self._largest = np.zeros(2, np.int64)
        self._moments: np.ndarray | None = None

    def add(
        self,
        height: int,
        width: int,
        label_pixels: np.ndarray | None = None,
        moments: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> None:
        """Counts one record.

        Args:
            height: height of its image in pixels.
            width: width of its image in pixels.
            label_pixels: pixels of each label, int64 [256]; None without a mask.
            moments: sum and sum of squares of all pixels, float64 [channels] each.
        """
        self._examples += 1
        self._largest = np.maximum(self._largest, (height, width))
        if label_pixels is not None:
            self._masks += 1
            self._pixels += label_pixels
            self._images += label_pixels > 0
        if moments is not None:
            self._area += height * width
            self._add_moments(np.array(moments, np.float64))

    def _add_moments(self, moments: np.ndarray) -> None:
        self._moments = moments if self._moments is None else self._moments + moments

    def merge(self, tally: Tally) -> None:
        """Adds what was counted elsewhere."""
        self._examples += tally.examples
        self._masks += tally.masks
        self._area += tally.area
        self._pixels += np.array(tally.pixels, np.int64)
        self._images += np.array(tally.images, np.int64)
        self._largest = np.maximum(self._largest, tally.largest_image)
        if tally.sums:
            self._add_moments(np.array([tally.sums, tally.squares]))

    def tally(self) -> Tally:
        """What was counted so far."""
        sums, squares = ((), ()) if self._moments is None else (tuple(row.tolist()) for row in self._moments)
        return Tally(
            self._examples,
            self._masks,
            tuple(self._pixels.tolist()),
            tuple(self._images.tolist()),
            tuple(self._largest.tolist()),
            self._area,
            sums,
            squares,
        )


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of several."""
    counter = Counter()
    for tally in tallies:
        counter.merge(tally)
    return counter.tally()


def split_of(tally: Tally, shards: int, num_classes: int, ignore_label: int) -> Split:
    """What a descriptor says of the split that was counted."""
    common: dict[str, Any] = {"examples": tally.examples, "shards": shards, "largest_image": tally.largest_image}
    if tally.sums:
        means = np.array(tally.sums) / tally.area
        variances = np.maximum(np.array(tally.squares) / tally.area - means**2, 0)
        common.update(channel_means=tuple(means.tolist()), channel_deviations=tuple(np.sqrt(variances).tolist()))
    if not tally.masks:
        return Split(labelled=False, **common)
    pixels, images = list(tally.pixels), list(tally.images)
    ignored, pixels[ignore_label], images[ignore_label] = pixels[ignore_label], 0, 0
    return Split(
        class_pixels=tuple(pixels[:num_classes]),
        class_images=tuple(images[:num_classes]),
        ignored_pixels=ignored,
        **common,
    )
