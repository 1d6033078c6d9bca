"""What a mask file stores, before anyone asks what it means."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError

COLORFUL = ("RGB", "RGBA")
LEGAL = "legal are files whose pixels are class indices: 8-bit or 16-bit grey, palette, 1-bit"

_KINDS = {"RGB": "a colour picture (RGB)", "RGBA": "a colour picture with alpha (RGBA)", "LA": "grey with alpha"}


def stored_values(image: Image.Image, data: bytes) -> np.ndarray:
    """The values that an index mask stores, unsigned of 8 or 16 bits [height, width].

    Args:
        image: the opened file.
        data: its bytes.

    Raises:
        InputError: the file holds colours, alpha or other numbers.
    """
    if image.mode in ("1", "P"):
        return np.asarray(image).astype(np.uint8)
    if image.mode == "L":
        # Pillow spreads 2-bit and 4-bit grey over 0..255.
        spread = {2: 85, 4: 17}.get(_bit_depth(data), 1) if image.format == "PNG" else 1
        return np.asarray(image) // spread
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min(initial=0) >= 0 and values.max(initial=0) < 1 << 16:
            return values.astype(np.uint16)
        raise InputError(f"the mask has values from {values.min()} to {values.max()}; {LEGAL}")
    found = _KINDS.get(image.mode, f"of Pillow mode {image.mode}")
    advice = "; a --label_map with their colors reads colour masks" if image.mode in COLORFUL else ""
    raise InputError(f"the mask is {found}: its pixels are no class indices; {LEGAL}{advice}")


def is_lossy(image: Image.Image, data: bytes) -> bool:
    """Whether the compression of a file changes pixels."""
    if image.format == "WEBP":
        return data[12:16] != b"VP8L"
    return image.format in ("JPEG", "MPO") or "jpeg" in str(image.info.get("compression"))


def is_grey_png(image: Image.Image, data: bytes) -> bool:
    """Whether TensorFlow decodes the file to the values it stores: an 8-bit greyscale PNG."""
    return image.format == "PNG" and image.mode == "L" and _bit_depth(data) == 8


def grey_png(labels: np.ndarray) -> bytes:
    """The bytes of an 8-bit greyscale PNG file of uint8 [height, width]."""
    buffer = io.BytesIO()
    Image.fromarray(labels).save(buffer, "PNG")
    return buffer.getvalue()


def _bit_depth(data: bytes) -> int:
    # The header chunk always comes first: 8 bytes signature, 8 of chunk head, 8 of size, then the depth.
    return data[24]
