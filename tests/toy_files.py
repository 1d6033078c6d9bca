"""Small real image and mask files for the tests of conversion."""

import io
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image


def picture(height=20, width=30, seed=0):
    """A smooth random picture, uint8 [height, width, 3]."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def stripes(height=20, width=30, labels=(0, 1, 2)):
    """A mask of horizontal stripes, uint8 [height, width]."""
    rows = np.array(labels, np.uint8)[np.arange(height) * len(labels) // height]
    return np.repeat(rows[:, None], width, axis=1)


def encoded(pixels, kind="PNG", **options):
    """The bytes of an image file; `pixels` is an array or a Pillow image."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def palette_mask(labels):
    """A Pillow palette image of the labels, in colours that are no indices."""
    image = Image.fromarray(labels)
    image.putpalette([(37 * value + 91) % 256 for value in range(768)])
    return image


def png(rows, width, height, bits, kind, interlace=0, extra=()):
    """The bytes of a PNG of raw rows (each with its filter byte), which Pillow cannot write in every form.

    Args:
        rows: all rows, filter bytes included.
        width: pixels.
        height: pixels.
        bits: bits per channel.
        kind: colour type.
        interlace: 1 for Adam7.
        extra: (name, bytes) of chunks before the pixels.
    """

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlace)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def png_of_16_bits(pixels):
    """A PNG of uint16 [height, width, channels]: grey with alpha, RGB or RGBA."""
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return png(rows, width, height, 16, {2: 4, 3: 2, 4: 6}[channels])


def interlaced(pixels):
    """An interlaced PNG of uint8 [height, width], grey, or [height, width, 3]."""
    passes = ((0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1))
    parts = [pixels[top::down, left::right] for top, down, left, right in passes]
    rows = b"".join(b"\0" + row.tobytes() for part in parts if part.size for row in part)
    return png(rows, pixels.shape[1], pixels.shape[0], 8, 2 if pixels.ndim == 3 else 0, interlace=1)


def write(path, data):
    """Writes bytes or text into a new file, with its folders."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def write_pairs(folder, names, labels=(0, 1, 2)):
    """images/NAME.jpg and masks/NAME.png below `folder`; returns both folders."""
    for seed, name in enumerate(names):
        write(folder / "images" / f"{name}.jpg", encoded(picture(seed=seed), "JPEG"))
        write(folder / "masks" / f"{name}.png", encoded(stripes(labels=labels)))
    return str(folder / "images"), str(folder / "masks")
