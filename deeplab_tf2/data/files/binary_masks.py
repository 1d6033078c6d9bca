"""Masks of two values, black and white, with or without soft borders."""

from __future__ import annotations

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError

# Compression spreads the three channels of a grey pixel by a few steps.
_GREY = 16


def binary_labels(image: Image.Image) -> np.ndarray:
    """1 where a mask is at least half bright, from 128 of 255 or 32768 of 65535, else 0; uint8 [height, width].

    Args:
        image: a black and white picture of any mode.

    Raises:
        InputError: the picture has colours or transparent pixels, or its values are 0 and 1, or have more than 16 bits.
    """
    values = _brightness(image)
    brightest = int(values.max(initial=0))
    if brightest == 1 and image.mode != "1":
        raise InputError("values 0 and 1 only, which are class indices: leave --binary_masks out")
    if brightest > 65535:
        raise InputError(f"values up to {brightest}; --binary_masks reads pictures of 8 or 16 bits")
    if image.mode == "1":
        return values.astype(np.uint8)
    return (values >= (128 if brightest <= 255 else 32768)).astype(np.uint8)


def _brightness(image: Image.Image) -> np.ndarray:
    if image.mode in ("1", "L") or image.mode.startswith("I"):
        return np.asarray(image)
    pixels = np.asarray(image.convert("RGBA"))
    if pixels[..., 3].min(initial=255) < 255:
        raise InputError("the mask has transparent pixels; --binary_masks reads opaque black and white pictures")
    brightest, darkest = pixels[..., :3].max(axis=-1), pixels[..., :3].min(axis=-1)
    if (brightest - darkest).max(initial=0) > _GREY:
        raise InputError("the mask has colours; --binary_masks reads black and white, --label_map colours")
    return pixels[..., 1]
