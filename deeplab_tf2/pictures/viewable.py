"""Images of any channels as pictures to look at."""

from __future__ import annotations

import numpy as np

_RGB = 3
# Of the middle of the brightness, this many deviations to either side are told apart.
_REACH = 2


def viewable(pixels: np.ndarray) -> np.ndarray:
    """A picture of an image: RGB as it is, of other images the first three channels, or the first one in grey.

    Those are stretched: the mean of a channel becomes the middle of the range, two deviations its ends.

    Args:
        pixels: uint8 [height, width, 3], or numbers [height, width, channels] of any range.

    Returns:
        uint8 [height, width, 3].
    """
    channels = pixels.shape[-1]
    if channels == _RGB and pixels.dtype == np.uint8:
        return pixels
    shown = pixels[..., : _RGB if channels >= _RGB else 1].astype(np.float32)
    mean, deviation = shown.mean((0, 1)), shown.std((0, 1))
    spread = (shown - mean) / (2 * _REACH * np.where(deviation > 0, deviation, 1)) + 0.5
    picture = np.clip(np.rint(255 * spread), 0, 255).astype(np.uint8)
    return np.broadcast_to(picture, (*pixels.shape[:2], _RGB))
