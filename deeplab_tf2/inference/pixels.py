"""The pixels of photographs, from files and from arrays."""

from __future__ import annotations

import math
import os

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.decoding import Decoding
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.files.images import alone_if_large, displayed_size, naming

ImageLike = str | os.PathLike[str] | np.ndarray


def pixels_of(image: ImageLike, channels: int = RGB) -> np.ndarray:
    """The pixels of a file as displayed (EXIF orientation applied), or of an array, checked.

    Args:
        image: path of a file, or its pixels: uint8 [height, width, 3], RGB; for other channels uint8 or uint16
            [height, width, channels], and [height, width] for one.
        channels: what the network sees.

    Returns:
        uint8 [height, width, 3], RGB, or uint16 [height, width, channels].

    Raises:
        InputError: the file is no readable image, or the array is no image.
    """
    if not isinstance(image, np.ndarray):
        return _read(os.fspath(image), channels)
    if channels != RGB:
        return _bands(image, channels)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] != 3 or not image.size:
        raise InputError(
            f"image is an array {image.dtype} {list(image.shape)}; give uint8 [height, width, 3] in RGB, "
            "or the path of an image file"
        )
    return image


def _read(path: str, channels: int) -> np.ndarray:
    data = storage.read(path)
    with naming(path):
        return decoded(data, channels)


def decoded(data: bytes, channels: int = RGB) -> np.ndarray:
    """The pixels of the bytes of a file, as `pixels_of` gives them.

    Raises:
        InputError: they are no readable image; the message does not name the file.
    """
    # Files of other channels are hardly packed.
    size = math.prod(displayed_size(data)) if channels == RGB else len(data)
    with alone_if_large(size):
        pixels = Decoding(channels).pixels(data)
    return pixels if channels == RGB else pixels.astype(np.uint16)


def _bands(image: np.ndarray, channels: int) -> np.ndarray:
    pixels = image[..., np.newaxis] if image.ndim == 2 else image
    legal = pixels.dtype in (np.uint8, np.uint16) and pixels.ndim == 3 and pixels.shape[-1] == channels
    if not legal or not pixels.size:
        raise InputError(
            f"image is an array {image.dtype} {list(image.shape)}; the network sees {channels} channels: give uint8 or "
            f"uint16 [height, width, {channels}], or the path of such a file"
        )
    return pixels.astype(np.uint16)
