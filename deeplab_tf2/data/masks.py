"""Mask files: PNG images whose pixel values are class indices."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data import images

LEGAL = "legal are PNG files whose pixels are class indices: 8-bit grey, palette, 1-bit, or 16-bit grey to 255"


@dataclasses.dataclass(frozen=True)
class EncodedMask:
    """A mask fit for a record.

    Attributes:
        data: the bytes of an 8-bit greyscale PNG file of class indices.
        height: height in pixels.
        width: width in pixels.
        counts: pixels of each value, int64 [256].
    """

    data: bytes
    height: int
    width: int
    counts: np.ndarray


def encode(data: bytes) -> EncodedMask:
    """Checks a mask file and makes it fit for a record.

    8-bit greyscale files keep their bytes; others are rewritten, palette files by their indices, because
    TensorFlow reads a palette as brightness.

    Args:
        data: the bytes of a PNG file.

    Raises:
        InputError: the file is damaged, or its pixels are no indices; the message does not name it.
    """
    image = images.open_checked(data)
    indices = _indices(image, data)
    counts = np.bincount(indices.ravel(), minlength=256)
    height, width = indices.shape
    if image.mode == "L" and _bit_depth(data) == 8:
        return EncodedMask(data, height, width, counts)
    buffer = io.BytesIO()
    Image.fromarray(indices).save(buffer, "PNG")
    return EncodedMask(buffer.getvalue(), height, width, counts)


def decode(data: bytes) -> np.ndarray:
    """The class indices of a mask file, uint8 [height, width].

    Raises:
        InputError: as `encode`.
    """
    return _indices(images.open_checked(data), data)


def check_labels(counts: np.ndarray, num_classes: int, ignore_label: int) -> None:
    """Refuses labels that are neither a class nor the ignore label.

    Args:
        counts: pixels of each value, int [256].
        num_classes: labels 0 to num_classes - 1 are classes.
        ignore_label: label without loss and metric; it may be one of the former.

    Raises:
        InputError: there are such labels; the message lists them with their pixel counts.
    """
    wrong = [value for value in np.flatnonzero(counts) if value >= num_classes and value != ignore_label]
    if not wrong:
        return
    listed = ", ".join(f"{value} ({counts[value]} pixels)" for value in wrong[:8])
    more = f" and {len(wrong) - 8} more values" if len(wrong) > 8 else ""
    hint = "; if 255 means 'unlabelled', say --ignore_label=255" if wrong == [255] else ""
    raise InputError(
        f"labels {listed}{more}; legal are 0 to {num_classes - 1} ({num_classes} class names)"
        f" and the ignore label {ignore_label}{hint}"
    )


def _indices(image: Image.Image, data: bytes) -> np.ndarray:
    if image.format != "PNG":
        lossy = ", whose compression changes labels" if image.format in ("JPEG", "MPO", "WEBP") else ""
        raise InputError(f"the mask is a {image.format} file{lossy}; {LEGAL}")
    if image.mode in ("1", "P"):
        return np.asarray(image).astype(np.uint8)
    if image.mode == "L":
        # Pillow spreads 2-bit and 4-bit grey over 0..255.
        return np.asarray(image) // {2: 85, 4: 17}.get(_bit_depth(data), 1)
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.max(initial=0) <= 255:
            return values.astype(np.uint8)
        raise InputError(f"the mask is 16-bit grey with values up to {values.max()}; {LEGAL}")
    kinds = {
        "RGB": "a colour picture (RGB)",
        "RGBA": "a colour picture with alpha (RGBA)",
        "LA": "grey with alpha",
    }
    found = kinds.get(image.mode, f"of Pillow mode {image.mode}")
    raise InputError(f"the mask is {found}: its pixels are no class indices; {LEGAL}")


def _bit_depth(data: bytes) -> int:
    # The header chunk always comes first: 8 bytes signature, 8 of chunk head, 8 of size, then the depth.
    return data[24]
