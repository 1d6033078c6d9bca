"""Whether images fit a crop, and which crop would fit them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deeplab_tf2.config import InputError, aligned_size
from deeplab_tf2.data.findings import Finding

# The published crop of PASCAL VOC: larger ones cost memory before they gain accuracy.
LARGEST_CROP = 513
_FITTING_SHARE = 0.9
_SMALL_SHARE = 0.1
_OUTPUT_STRIDE = 16

Sizes = Mapping[tuple[int, int], int]


def suggested_crop(sizes: Sizes) -> tuple[int, int]:
    """The training crop that holds nine tenths of the images unscaled, at most 513 a side.

    Args:
        sizes: (height, width) in pixels -> number of images; not empty.

    Returns:
        (height, width) in pixels, each k * 16 + 1.
    """
    height, width = (aligned_size(_side(sizes, axis), _OUTPUT_STRIDE) for axis in (0, 1))
    return min(height, LARGEST_CROP), min(width, LARGEST_CROP)


def _side(sizes: Sizes, axis: int) -> int:
    """The height or width that nine tenths of the images do not exceed, at least 2 pixels."""
    counts = np.array(list(sizes.values()))
    sides = np.array([size[axis] for size in sizes])
    order = np.argsort(sides)
    reached = np.cumsum(counts[order]) >= _FITTING_SHARE * counts.sum()
    return max(int(sides[order][np.argmax(reached)]), 2)


def small_images(sizes: Sizes, crop_size: tuple[int, int]) -> list[Finding]:
    """Images that fill less than a quarter of the crop.

    Args:
        sizes: (height, width) in pixels -> number of images.
        crop_size: training crop (height, width) in pixels.
    """
    small = {size: count for size, count in sizes.items() if 2 * size[0] < crop_size[0] and 2 * size[1] < crop_size[1]}
    count, total = sum(small.values()), sum(sizes.values())
    if not total or count <= _SMALL_SHARE * total:
        return []
    height, width = max(small, key=lambda size: small[size])
    crop = suggested_crop(sizes)
    return [
        Finding(
            f"{count} of {total} images are less than half as high and wide as the crop of {crop_size[1]} x "
            f"{crop_size[0]} pixels (most are {width} x {height}): most of each crop is padding. "
            f"--train_crop_size={crop[0]},{crop[1]} fits them"
        )
    ]


def check_crop(crop_size: tuple[int, int], largest: tuple[int, ...], output_stride: int) -> None:
    """Refuses an evaluation crop that the largest image does not fit."""
    if crop_size[0] < largest[0] or crop_size[1] < largest[1]:
        needed = ",".join(str(aligned_size(side, output_stride)) for side in largest)
        raise InputError(
            f"the crop is {crop_size[0]},{crop_size[1]}, but the largest image has {largest[0]},{largest[1]} pixels "
            f"(height,width): use {needed}, or no crop at all"
        )
