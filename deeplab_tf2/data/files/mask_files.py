"""What a mask file stores, before anyone asks what it means."""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.images import orientation

COLORFUL = ("RGB", "RGBA")
LEGAL = "legal are files whose pixels are class indices: 8-bit or 16-bit grey, palette, 1-bit, RGB with equal channels"

_KINDS = {"RGB": "a colour picture (RGB)", "RGBA": "a colour picture with alpha (RGBA)"}
_BITS_PER_SAMPLE = 258
_SHOWN_COLORS, _MANY_COLORS = 8, 1024


def stored_values(image: Image.Image, data: bytes) -> np.ndarray:
    """The values that an index mask stores, unsigned of 8 or 16 bits [height, width].

    Some tools save indices three times over, as red, green and blue: where these agree everywhere, they are read.

    Args:
        image: the opened file.
        data: its bytes.

    Raises:
        InputError: the file holds colours or other numbers.
    """
    if image.mode in ("1", "P"):
        return np.asarray(image).astype(np.uint8)
    if image.mode == "L":
        # Pillow spreads 2-bit and 4-bit grey over 0..255.
        spread = {2: 85, 4: 17}.get(_bit_depth(data), 1) if image.format == "PNG" else 1
        return np.asarray(image) // spread
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image)
        whole = image.mode != "F" or bool(np.all(values == np.floor(values)))
        if whole and values.min(initial=0) >= 0 and values.max(initial=0) < 1 << 16:
            return values.astype(np.uint16)
        raise InputError(f"the mask has values from {values.min()} to {values.max()}; {LEGAL}")
    if image.mode in (*COLORFUL, "LA"):
        return _equal_channels(image, data)
    raise InputError(f"the mask is of Pillow mode {image.mode}: its pixels are no class indices; {LEGAL}")


def _equal_channels(image: Image.Image, data: bytes) -> np.ndarray:
    if _has_16_bits(image, data):
        raise InputError("the mask has channels of 16 bits, which are read as 8: export it as grey without alpha")
    pixels = np.asarray(image)
    if image.mode in COLORFUL:
        grey = (pixels[..., 0] == pixels[..., 1]) & (pixels[..., 1] == pixels[..., 2])
        clear = transparent(image)
        if not (grey if clear is None else grey | clear).all():
            raise InputError(
                f"the mask is {_KINDS[image.mode]} with {_colors(image)}: its pixels are no class indices; {LEGAL}; a"
                " --label_map with their colors reads colour masks"
            )
    return pixels[..., 0]


def _colors(image: Image.Image) -> str:
    """The colours of a picture for a message, the commonest first."""
    found = image.convert("RGB").getcolors(_MANY_COLORS)
    if found is None:
        return f"more than {_MANY_COLORS} colours, as photographs have"
    shown = [f"#{np.array(color, np.uint8).tobytes().hex()}" for _, color in sorted(found, reverse=True)]
    return ", ".join(shown[:_SHOWN_COLORS]) + f" and {len(found) - _SHOWN_COLORS} more" * (len(found) > _SHOWN_COLORS)


def transparent(image: Image.Image) -> np.ndarray | None:
    """Where alpha is 0, bool [height, width]; None without an alpha channel."""
    return np.asarray(image.getchannel("A")) == 0 if image.mode in ("LA", "RGBA") else None


def upright(labels: np.ndarray, image: Image.Image, data: bytes) -> np.ndarray:
    """Labels as displayed, by the EXIF orientation of their file; uint8 [height, width].

    Raises:
        InputError: that cannot be read.
    """
    turn = orientation(image, data)
    if turn == 1:
        return labels
    turned = Image.fromarray(labels)
    turned.getexif()[ExifTags.Base.Orientation] = turn
    return np.asarray(ImageOps.exif_transpose(turned))


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


def _has_16_bits(image: Image.Image, data: bytes) -> bool:
    if isinstance(image, TiffImageFile):
        return max(image.tag_v2.get(_BITS_PER_SAMPLE, (8,))) > 8
    return image.format == "PNG" and _bit_depth(data) == 16


def _bit_depth(data: bytes) -> int:
    # The header chunk always comes first: 8 bytes signature, 8 of chunk head, 8 of size, then the depth.
    return data[24]
