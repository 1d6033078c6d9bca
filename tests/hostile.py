"""Strategies of hypothesis for the tests of properties: real files, damaged ones, noise, and how many are tried."""

import contextlib
import io
import os
import struct
import zlib

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError

# The ordinary run is small and always the same; DEEPLAB_TF2_EXAMPLES=5000 tries that many, each time others.
EXAMPLES = int(os.environ.get("DEEPLAB_TF2_EXAMPLES", "0"))


def tried(count):
    """How many inputs a test tries."""
    return settings(
        max_examples=EXAMPLES or count,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def _npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _turned(pixels):
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(pixels, "JPEG", exif=exif)


_RGB = Image.fromarray(picture())
_DEEP = (stripes().astype(np.uint16) + 1) * 200

IMAGES = [
    *(encoded(_RGB, "JPEG"), encoded(_RGB, "JPEG", progressive=True), encoded(_RGB.convert("L"), "JPEG")),
    *(encoded(_RGB.convert("CMYK"), "JPEG"), _turned(_RGB), encoded(_RGB), encoded(_RGB.convert("L"))),
    *(encoded(_RGB.convert("RGBA")), encoded(_RGB.convert("LA")), encoded(_RGB.quantize(9), transparency=2)),
    *(encoded(_RGB.convert("1")), encoded(_DEEP), encoded(_RGB, "BMP"), encoded(_RGB, "GIF"), encoded(_RGB, "PPM")),
    *(encoded(_RGB, "TIFF"), encoded(_RGB, "TIFF", compression="jpeg"), encoded(_DEEP, "TIFF")),
    *(encoded(_RGB, "WEBP"), encoded(_RGB, "WEBP", lossless=True)),
]
MASKS = [
    *(encoded(stripes()), encoded(palette_mask(stripes())), encoded(Image.fromarray(stripes() > 0)), encoded(_DEEP)),
    *(encoded(Image.fromarray(stripes()), "PPM"), encoded(stripes(), "TIFF"), encoded(stripes(), "BMP")),
    *(encoded(stripes(labels=(0, 255)), "JPEG"), encoded(Image.fromarray(stripes()), "GIF")),
    *(encoded(np.dstack([stripes() * 100] * 3)), encoded(np.dstack([stripes() * 100] * 4))),
]
BANDS = [_npy(np.zeros((7, 9, 5), np.uint16)), _npy(np.ones((5, 7, 9), np.uint8)), _npy(np.zeros((7, 9)))]


@st.composite
def damaged(draw, files):
    """One of the files with some bytes changed, lost, doubled or put in."""
    data = bytearray(draw(st.sampled_from(files)))
    sealed = data[:4] == b"\x89PNG" and draw(st.booleans())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(data) - 1, 0)))
        end = min(start + draw(st.integers(1, 40)), len(data))
        change = draw(st.sampled_from(["set", "number", "cut", "drop", "double", "insert"]))
        if change == "set":
            data[start:end] = draw(st.binary(min_size=1, max_size=4))
        elif change == "number":
            form = draw(st.sampled_from([">I", "<I", ">H", "<H"]))
            number = draw(st.sampled_from([0, 1, 255, 4096, 65535]))
            data[start : start + struct.calcsize(form)] = struct.pack(form, number)
        elif change == "cut":
            del data[start:]
        elif change == "drop":
            del data[start:end]
        elif change == "double":
            data[start:start] = data[start:end]
        else:
            data[start:start] = draw(st.binary(max_size=20))
    return resealed(bytes(data)) if sealed else bytes(data)


def resealed(data):
    """A PNG file whose checksums are right again, so that what is wrong with it is found later."""
    out, position = bytearray(data[:8]), 8
    while position + 12 <= len(data):
        length = min(struct.unpack(">I", data[position : position + 4])[0], len(data) - position - 12)
        body = data[position + 4 : position + 8 + length]
        out += struct.pack(">I", length) + body + struct.pack(">I", zlib.crc32(body))
        position += 12 + length
    return bytes(out)


def hostile(files):
    """Damaged files, and noise with and without the beginning of a file."""
    begun = st.builds(
        lambda file, size, rest: file[:size] + rest, st.sampled_from(files), st.integers(0, 40), st.binary()
    )
    return st.one_of(damaged(files), damaged(files), st.binary(), begun)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def rewritten(draw, values):
    """JSON values of which some part, anywhere, is another value or gone."""

    def change(value, depth):
        if depth and isinstance(value, dict) and value:
            key = draw(st.sampled_from(sorted(value)))
            kept = {name: part for name, part in value.items() if name != key}
            return kept if draw(st.integers(0, 4)) == 0 else {**kept, key: change(value[key], depth - 1)}
        if depth and isinstance(value, list) and value:
            place = draw(st.integers(0, len(value) - 1))
            return [*value[:place], change(value[place], depth - 1), *value[place + 1 :]]
        return draw(JSON)

    return change(draw(st.sampled_from(values)), draw(st.integers(0, 5)))


@contextlib.contextmanager
def only_input_errors():
    """Any exception but an `InputError` with words fails the test."""
    try:
        yield
    except InputError as error:
        assert str(error).strip()
        assert len(str(error)) < 5_000, "a message nobody reads"
