"""Images of other than three channels in records: JPEG and PNG files that TensorFlow decodes, in and out.

Grey JPEG and PNG files and RGBA PNG files keep their bytes. All else is a grey PNG of 8 or 16 bits that shows the bands
below one another: as wide as the image, as high as all bands together.
"""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Callable

import numpy as np
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.band_arrays import RGB, SAMPLE_LIMIT
from deeplab_tf2.data.files.bands import decode_bands, png_form
from deeplab_tf2.data.files.images import EncodedImage

GREY, RGBA = 0, 6
# More rows than this no PNG decoder takes.
_MOST_ROWS = 1_000_000


def encoder(channels: int, verify: images.Verify = "full") -> Callable[[bytes], EncodedImage]:
    """What makes image files of a dataset fit for its records.

    Args:
        channels: channels of its images; 3 for photographs in RGB.
        verify: how photographs are checked; all others are decoded in any case.
    """
    return functools.partial(images.encode, verify=verify) if channels == RGB else BandEncoder(channels)


@dataclasses.dataclass(frozen=True)
class BandEncoder:
    """Makes image files fit for records, without loss, and sums up their channels.

    Example: `BandEncoder(5)(data)` of the bytes of a TIFF of five bands.

    Attributes:
        channels: channels that every image must have; see `decode_bands`.
    """

    channels: int

    def __call__(self, data: bytes) -> EncodedImage:
        pixels = decode_bands(data, self.channels)
        height, width, channels = pixels.shape
        kept = _kept(data, channels)
        sums = pixels.sum((0, 1), dtype=np.float64)
        squares = np.einsum("hwc,hwc->c", pixels, pixels, dtype=np.float64)
        stored = data if kept else stacked(pixels)
        return EncodedImage(stored, kept or "png", height, width, channels, (sums, squares))


def _kept(data: bytes, channels: int) -> str:
    """The format of a file that `decode_stored` reads as it is, or nothing."""
    form = png_form(data)
    if form is None and data[:2] != b"\xff\xd8":
        return ""
    image = Image.open(io.BytesIO(data))
    if images.orientation(image, data) != 1 or "transparency" in image.info:
        return ""
    if form is None:
        return "jpeg" if channels == 1 and image.mode == "L" else ""
    return "png" if form[1] == {1: GREY, 4: RGBA}.get(channels) else ""


def stacked(pixels: np.ndarray) -> bytes:
    """The bytes of a grey PNG of bands below one another.

    Args:
        pixels: uint8 or uint16 [height, width, bands].

    Raises:
        InputError: it would be higher than PNG files are read.
    """
    height, width, bands = pixels.shape
    if bands * height > _MOST_ROWS:
        raise InputError(f"{bands} bands of {height} rows; {_MOST_ROWS:,} rows in all are legal: cut it into tiles")
    buffer = io.BytesIO()
    Image.fromarray(pixels.transpose(2, 0, 1).reshape(-1, width)).save(buffer, "PNG")
    return buffer.getvalue()


def decode_stored(data: tf.Tensor, channels: int) -> tf.Tensor:
    """Decodes the bytes that `BandEncoder` stored, string [], to uint16 [height, width, channels]; runs in graphs."""
    # Files too short to tell are left to the decoder, which refuses them.
    head = tf.strings.join([data, tf.constant(bytes(26))])
    form = tf.io.decode_raw(tf.strings.substr(head, 0, 26), tf.uint8)
    png = tf.reduce_all(form[:4] == tf.constant([0x89, 0x50, 0x4E, 0x47], tf.uint8))
    deep = png & (form[24] == 16)
    if channels == 4:
        pixels = tf.cond(
            png & (form[25] == RGBA), lambda: _decode(data, 4, deep), lambda: _bands(_decode(data, 1, deep), 4)
        )
    else:
        pixels = _bands(_decode(data, 1, deep), channels)
    return tf.ensure_shape(pixels, [None, None, channels])


def _decode(data: tf.Tensor, count: int, deep: tf.Tensor) -> tf.Tensor:
    def shallow() -> tf.Tensor:
        if count == 4:
            return tf.cast(tf.io.decode_png(data, count), tf.uint16)
        return tf.cast(tf.io.decode_jpeg(data, count, dct_method="INTEGER_ACCURATE"), tf.uint16)

    return tf.cond(deep, lambda: tf.io.decode_png(data, count, tf.uint16), shallow)


def _bands(stack: tf.Tensor, channels: int) -> tf.Tensor:
    """Bands below one another, [rows, width, 1], as [height, width, channels]."""
    rows, width = tf.unstack(tf.shape(stack)[:2])
    whole = tf.debugging.Assert(
        rows % channels == 0, ["an image of", rows, "rows does not hold", channels, "bands below one another"]
    )
    with tf.control_dependencies([whole]):
        planes = tf.reshape(stack, [channels, rows // channels, width])
    return tf.transpose(planes, [1, 2, 0])


def read_stored(data: bytes, channels: int) -> np.ndarray:
    """`decode_stored` for one file at once.

    Raises:
        InputError: the bytes are no such file, or too large; the message does not name it.
    """
    if png_form(data):
        width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
        if width * height > SAMPLE_LIMIT:
            raise InputError(f"{width} x {height} pixels; at most {SAMPLE_LIMIT:,} are read")
    try:
        return decode_stored(tf.constant(data), channels).numpy()
    except tf.errors.OpError as error:
        reason = " ".join(error.message.split())[-200:]
        raise InputError(f"no image of {channels} channels that can be read ({reason})") from error
