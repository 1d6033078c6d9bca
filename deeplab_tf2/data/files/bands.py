"""Images of any number of channels, read as data: grey, RGBA, bands of a satellite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.band_arrays import NPY, read_npy, read_tiff, whole_numbers

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PNG = b"\x89PNG\r\n\x1a\n"
_BRIGHTNESS = np.array([19595, 38470, 7471], np.uint32)
_KINDS = {"1": "black and white", "L": "grey", "LA": "grey with alpha", "P": "palette", "I;16": "16-bit grey"}
# What brings pixels [height, width, channels] of each EXIF orientation upright.
_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


def decode_bands(data: bytes, channels: int) -> np.ndarray:
    """The pixels of a file with the numbers that it stores; pictures as displayed (EXIF orientation applied).

    Where one channel is wanted, colours become brightness (0.299 red + 0.587 green + 0.114 blue) and alpha is dropped.
    Otherwise the file must have exactly these channels.

    Args:
        data: the bytes of an image file, a TIFF of several bands or an .npy file.
        channels: number of channels.

    Returns:
        uint8 or uint16 [height, width, channels].

    Raises:
        InputError: the file cannot be read, is too large or has other channels; the message does not name it.
    """
    if data.startswith(NPY):
        return read_npy(data, channels)
    if channels > 1 and data.startswith(_TIFF):
        return read_tiff(data, channels)
    pixels, kind = _picture(data)
    found = pixels.shape[-1]
    if found == channels:
        return pixels
    if channels == 1:
        return pixels[..., :1] if found == 2 else _brightness(pixels[..., :3])
    files = "RGBA pictures, and TIFF and .npy files" if channels == 4 else "TIFF and .npy files"
    raise InputError(
        f"the image has {found} channel{'s' * (found > 1)} ({kind}); wanted are {channels} (--input_channels), which "
        f"{files} of {channels} bands have"
    )


def png_form(data: bytes) -> tuple[int, int] | None:
    """Bit depth and colour type of a PNG file (0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA); else None."""
    # The header chunk comes first: 8 bytes signature, 8 of chunk head, 8 of size.
    return (data[24], data[25]) if data.startswith(_PNG) and len(data) > 25 else None


def _picture(data: bytes) -> tuple[np.ndarray, str]:
    """The pixels of what Pillow reads, and in words what they are."""
    image = images.open_checked(data)
    kind = _KINDS.get(image.mode, image.mode)
    turn = _TURNS.get(images.orientation(image, data), np.asarray)
    depth, color = png_form(data) or (0, 0)
    if depth == 16 and color:
        return turn(_deep_colors(data)), f"16-bit {kind}"
    if image.format == "TIFF":
        _check_tiff(image, data)
    if image.mode not in ("L", "LA", "RGB", "RGBA", "I", "F") and not image.mode.startswith("I;16"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    pixels = np.asarray(image)
    pixels = whole_numbers(pixels) if image.mode[0] in "IF" else pixels
    return turn(pixels.reshape(*pixels.shape[:2], -1)), kind


def _deep_colors(data: bytes) -> np.ndarray:
    """Colours of 16 bits, of which Pillow keeps 8."""
    try:
        return tf.io.decode_png(data, dtype=tf.uint16).numpy()
    except tf.errors.OpError as error:
        raise InputError(f"truncated or damaged ({error.message}); export or download it again") from error


def _check_tiff(image: Image.Image, data: bytes) -> None:
    """Refuses what Pillow would read in part."""
    with images.explained(data):
        pages = getattr(image, "n_frames", 1)
    if pages > 1:
        raise InputError(f"a TIFF of {pages} pages: give their number as --input_channels, or save one page")
    depth = max(image.tag_v2.get(258, (1,)))  # type: ignore[attr-defined]
    if depth > 8 and image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        raise InputError(f"a TIFF in colours of {depth} bits; legal are 8 bits, or grey: save it as grey or as PNG")


def _brightness(pixels: np.ndarray) -> np.ndarray:
    """Brightness [height, width, 1] of colours [height, width, 3], as Pillow rounds it."""
    mixed = (pixels.astype(np.uint32) @ _BRIGHTNESS + 0x8000) >> 16
    return mixed.astype(pixels.dtype)[..., np.newaxis]
