"""Image files: checked in full, kept as they are where TensorFlow reads them right, else rewritten as PNG."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import ExifTags, Image, ImageOps

from deeplab_tf2.config import InputError

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
PIXEL_LIMIT = 178_956_970

_KEPT = {"JPEG": ("L", "RGB"), "MPO": ("L", "RGB"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA")}


@dataclasses.dataclass(frozen=True)
class EncodedImage:
    """An image file fit for a record.

    Attributes:
        data: the bytes of a JPEG or PNG file.
        format: "jpeg" or "png".
        height: height in pixels, as displayed.
        width: width in pixels, as displayed.
    """

    data: bytes
    format: str
    height: int
    width: int


def encode(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> EncodedImage:
    """Checks an image file and makes it fit for a record.

    JPEG files in grey or RGB and PNG files other than 16-bit grey keep their bytes. The rest is decoded and
    stored as PNG: 16-bit grey is divided by 257, CMYK becomes RGB, the EXIF orientation is applied.

    Args:
        data: the bytes of the file.
        pixel_limit: images of more pixels are refused before they are decoded.

    Raises:
        InputError: the file is empty, damaged, too large or no image; the message does not name it.
    """
    image = _header(data, pixel_limit)
    width, height = image.size
    kept = image.mode in _KEPT.get(image.format or "", ())
    _load(image, data, preview=kept)
    if kept and _orientation(image) == 1:
        return EncodedImage(data, "png" if image.format == "PNG" else "jpeg", height, width)
    upright = _upright(open_checked(data, pixel_limit) if kept else image)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG")
    return EncodedImage(buffer.getvalue(), "png", upright.height, upright.width)


def decode(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> np.ndarray:
    """The pixels of an image file, uint8 [height, width, 3], as a record of it decodes.

    Raises:
        InputError: as `encode`.
    """
    return np.asarray(_upright(open_checked(data, pixel_limit)).convert("RGB"))


def read_file(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: it cannot be read; the message names it.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Puts the name of a file before complaints that do not name it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def displayed_size(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> tuple[int, int]:
    """Height and width of an image file as displayed, in pixels, from its header alone.

    Raises:
        InputError: the file is empty, too large or no image; the message does not name it.
    """
    image = _header(data, pixel_limit)
    with _explained(data):
        turned = _orientation(image) >= 5
    return image.size if turned else (image.height, image.width)


def open_checked(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Image.Image:
    """Opens and fully reads an image file.

    Args:
        data: the bytes of the file.
        pixel_limit: images of more pixels are refused before they are decoded.

    Raises:
        InputError: the file is empty, damaged, too large or no image; the message does not name it.
    """
    image = _header(data, pixel_limit)
    _load(image, data)
    return image


@contextlib.contextmanager
def _explained(data: bytes) -> Iterator[None]:
    """Turns what Pillow raises on a bad file into words."""
    try:
        yield
    except Image.UnidentifiedImageError as error:
        legal = ", ".join(FORMATS)
        raise InputError(f"no image of a known format (starts with {data[:8]!r}); legal are {legal}") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{error}; scale the image down") from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as error:
        raise InputError(f"truncated or damaged ({error}); export or download it again") from error


def _header(data: bytes, pixel_limit: int) -> Image.Image:
    if not data:
        raise InputError("the file is empty (0 bytes)")
    with _explained(data):
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = image.size
    if width * height > pixel_limit:
        raise InputError(f"{width} x {height} pixels; at most {pixel_limit:,} are read: scale the image down")
    return image


def _load(image: Image.Image, data: bytes, preview: bool = False) -> None:
    """Reads all of a file; for a preview, JPEG files at an eighth of their size, to find faults cheaply."""
    with _explained(data):
        if image.format == "PNG":
            # Loading alone accepts files without their last chunks, which TensorFlow then refuses.
            Image.open(io.BytesIO(data), formats=("PNG",)).verify()
        if preview and image.format == "JPEG":
            image.draft(image.mode, (1, 1))
        image.load()


def _orientation(image: Image.Image) -> int:
    return image.getexif().get(ExifTags.Base.Orientation, 1)


def _upright(image: Image.Image) -> Image.Image:
    """The image as displayed, 8-bit grey or RGB."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):
        pixels = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((pixels + 128) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise InputError(f"pixels of 32 bits (Pillow mode {image.mode}); legal are 8 bits, and 16 bits in grey")
    if image.mode in ("1", "L", "LA"):
        return image.convert("L")
    return image.convert("RGB")
