"""Image files: checked, kept as they are where TensorFlow reads them right, else rewritten as PNG."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from typing import Literal

import numpy as np
from PIL import ExifTags, Image, ImageOps

from deeplab_tf2.config import InputError

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
PIXEL_LIMIT = 178_956_970

Verify = Literal["header", "full"]

_PNG_EXIF = (b"eXIf", b"Raw profile type", b"XML:com.adobe.xmp")
# Larger images are taken one at a time.
_LARGE = 1 << 24
_LANE = threading.RLock()
_JPEG_END = b"\xff\xd9"
_KEPT = {"JPEG": ("L", "RGB"), "MPO": ("L", "RGB"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA")}


@dataclasses.dataclass(frozen=True)
class EncodedImage:
    """An image file fit for a record.

    Attributes:
        data: the bytes of a JPEG or PNG file.
        format: "jpeg" or "png".
        height: height in pixels, as displayed.
        width: width in pixels, as displayed.
        channels: channels of the decoded image.
        moments: sum and sum of squares of all pixels, float64 [channels] each, where the pixels were read for it.
    """

    data: bytes
    format: str
    height: int
    width: int
    channels: int = 3
    moments: tuple[np.ndarray, np.ndarray] | None = None


def encode(data: bytes, pixel_limit: int = PIXEL_LIMIT, verify: Verify = "full") -> EncodedImage:
    """Checks an image file and makes it fit for a record.

    JPEG files in grey or RGB and PNG files other than 16-bit grey keep their bytes. The rest is decoded and
    stored as PNG: 16-bit grey is divided by 257, CMYK becomes RGB, the EXIF orientation is applied.

    Args:
        data: the bytes of the file.
        pixel_limit: images of more pixels are refused before they are decoded.
        verify: "full" decodes what keeps its bytes too; "header" reads its header, looks for the end of a JPEG and
            sums up the chunks of a PNG, which finds what was cut off or damaged on the way but not every fault.

    Raises:
        InputError: the file is empty, damaged, too large or no image; the message does not name it.
    """
    image = opened(data, pixel_limit)
    width, height = image.size
    kept = image.mode in _KEPT.get(image.format or "", ())
    if kept and verify == "header" and orientation(image, data) == 1:
        _verify_end(image, data)
        return EncodedImage(data, "png" if image.format == "PNG" else "jpeg", height, width)
    with alone_if_large(width * height):
        load(image, data, preview=kept)
        if kept and orientation(image, data) == 1:
            return EncodedImage(data, "png" if image.format == "PNG" else "jpeg", height, width)
        with explained(data):
            upright = _upright(open_checked(data, pixel_limit) if kept else image)
        buffer = io.BytesIO()
        upright.save(buffer, "PNG")
        return EncodedImage(buffer.getvalue(), "png", upright.height, upright.width)


def decode(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> np.ndarray:
    """The pixels of an image file, uint8 [height, width, 3], as a record of it decodes.

    Raises:
        InputError: as `encode`.
    """
    with explained(data):
        return np.asarray(_upright(open_checked(data, pixel_limit)).convert("RGB"))


@contextlib.contextmanager
def naming(path: str) -> Iterator[None]:
    """Puts the name of a file before complaints that do not name it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def displayed_size(data: bytes, image: Image.Image | None = None) -> tuple[int, int]:
    """Height and width of an image file as displayed, in pixels, from its header alone.

    Args:
        data: the bytes of the file.
        image: the same, if it is opened already.

    Raises:
        InputError: the file is empty, too large or no image; the message does not name it.
    """
    image = image or opened(data)
    turned = orientation(image, data) >= 5
    return image.size if turned else (image.height, image.width)


@contextlib.contextmanager
def alone_if_large(pixels: int) -> Iterator[None]:
    """Lets threads take large images one at a time: decoded and worked on, each may need a gigabyte."""
    with _LANE if pixels > _LARGE else contextlib.nullcontext():
        yield


def open_checked(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Image.Image:
    """Opens and fully reads an image file.

    Args:
        data: the bytes of the file.
        pixel_limit: images of more pixels are refused before they are decoded.

    Raises:
        InputError: the file is empty, damaged, too large or no image; the message does not name it.
    """
    image = opened(data, pixel_limit)
    load(image, data)
    return image


@contextlib.contextmanager
def explained(data: bytes) -> Iterator[None]:
    """Turns what Pillow raises on a bad file into words."""
    try:
        yield
    except Image.UnidentifiedImageError as error:
        legal = ", ".join(FORMATS)
        raise InputError(f"no image of a known format (starts with {data[:8]!r}); legal are {legal}") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{error}; scale the image down") from error
    except InputError:
        raise
    # Decoders raise whatever damaged bytes lead them to: KeyError, TypeError, ZeroDivisionError, ...
    except Exception as error:
        told = str(error)[:200] or type(error).__name__
        raise InputError(f"truncated or damaged ({told}); export or download it again") from error


def opened(data: bytes, pixel_limit: int = PIXEL_LIMIT) -> Image.Image:
    """Opens an image file by its header; its pixels are not read.

    Raises:
        InputError: the file is empty, too large or no image; the message does not name it.
    """
    if not data:
        raise InputError("the file is empty (0 bytes)")
    with explained(data):
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    width, height = image.size
    if width * height > pixel_limit:
        raise InputError(f"{width} x {height} pixels; at most {pixel_limit:,} are read: scale the image down")
    return image


def load(image: Image.Image, data: bytes, preview: bool = False) -> None:
    """Reads all of an opened file; for a preview, JPEG files at an eighth of their size, to find faults cheaply.

    Raises:
        InputError: the file is damaged; the message does not name it.
    """
    with explained(data):
        _verify_end(image, data)
        if preview and image.format == "JPEG":
            image.draft(image.mode, (1, 1))
        image.load()


def _verify_end(image: Image.Image, data: bytes) -> None:
    """Refuses a JPEG without its end and a PNG with a missing or damaged chunk, which decoders may let pass."""
    with explained(data):
        if image.format == "PNG":
            _verify_chunks(data)
        elif image.format in ("JPEG", "MPO") and data.rfind(_JPEG_END, _jpeg_scan(data)) < 0:
            raise OSError("the end of the JPEG is missing")


def _verify_chunks(data: bytes) -> None:
    """Sums up the chunks of a PNG: length, name, content and sum of each, to the one that ends it."""
    view = memoryview(data)
    position, name = 8, b""
    while name != b"IEND":
        (length,) = struct.unpack_from(">I", view, position)
        name = bytes(view[position + 4 : position + 8])
        (expected,) = struct.unpack_from(">I", view, position + 8 + length)
        if zlib.crc32(view[position + 4 : position + 8 + length]) != expected:
            raise OSError(f"the chunk {name!r} of the PNG is damaged")
        position += 12 + length


def _jpeg_scan(data: bytes) -> int:
    """Where the pixels of a JPEG begin; thumbnails, with an end of their own, come before."""
    position = 2
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] != b"\xda":
        # Fill bytes stand alone, other markers before the scan have a length.
        filled = data[position + 1 : position + 2] == b"\xff"
        position += 1 if filled else 2 + max(int.from_bytes(data[position + 2 : position + 4], "big"), 2)
    return position


def orientation(image: Image.Image, data: bytes) -> int:
    """How an image file is turned, by its EXIF orientation of 1 to 8.

    Raises:
        InputError: that cannot be read; the message does not name the file.
    """
    # Asking a PNG decodes it, as the answer may stand behind the pixels.
    if image.format == "PNG" and not any(mark in data for mark in _PNG_EXIF):
        return 1
    with explained(data):
        return image.getexif().get(ExifTags.Base.Orientation, 1)


def _upright(image: Image.Image) -> Image.Image:
    """The image as displayed, 8-bit grey or RGB."""
    # Pillow holds PGM files of 16 bits in 32.
    deep = image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM")
    image = ImageOps.exif_transpose(image)
    if deep:
        pixels = np.asarray(image).astype(np.uint32)
        return Image.fromarray(((pixels + 128) // 257).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise InputError(f"pixels of 32 bits (Pillow mode {image.mode}); legal are 8 bits, and 16 bits in grey")
    if image.mode in ("1", "L", "LA"):
        return image.convert("L")
    return image.convert("RGB")
