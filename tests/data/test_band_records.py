"""Bands in records: what is stored, and that TensorFlow decodes the numbers of the file."""

import copy
import io

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.band_records import BandEncoder, decode_stored, encoder, read_stored, stacked
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.bands import decode_bands


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def numbers(*shape, high=256, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, high, shape).astype(dtype)


GREY = {
    "8 bits": encoded(numbers(20, 30)),
    "16 bits": encoded(numbers(20, 30, high=65536, dtype=np.uint16)),
    "1 bit": encoded(Image.fromarray(stripes(labels=(0, 255))).convert("1")),
    "jpeg": encoded(picture()[..., 0], "JPEG"),
}
REWRITTEN = {
    "rgb jpeg": (encoded(picture(), "JPEG"), 1),
    "palette": (encoded(palette_mask(stripes())), 1),
    "grey with a transparent value": (encoded(numbers(9, 9), transparency=3), 1),
    "grey tiff": (encoded(numbers(20, 30, high=65536, dtype=np.uint16), "TIFF"), 1),
    "rgba webp": (encoded(numbers(9, 7, 4), "WEBP", lossless=True, exact=True), 4),
    "two bands": (npy(numbers(9, 7, 2)), 2),
    "four bands": (npy(numbers(9, 7, 4, high=65536, dtype=np.uint16)), 4),
    "thirteen bands": (npy(numbers(13, 9, 7, high=65536, dtype=np.uint16)), 13),
}


def check_stored(data, channels):
    """A record of the file has its pixels, in a graph and at once, and its sums are right; returns it."""
    pixels = decode_bands(data, channels)
    image = BandEncoder(channels)(data)
    assert (image.height, image.width, image.channels) == pixels.shape
    assert image.format == ("jpeg" if image.data[:2] == b"\xff\xd8" else "png")
    graph = tf.function(lambda stored: decode_stored(stored, channels), autograph=False)
    for found in (graph(tf.constant(image.data)).numpy(), read_stored(image.data, channels)):
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, pixels)
    wide = pixels.astype(np.float64)
    np.testing.assert_allclose(image.moments, [wide.sum((0, 1)), (wide**2).sum((0, 1))], rtol=1e-12)
    return image


@pytest.mark.parametrize("kind", GREY)
def test_grey_files_keep_their_bytes(kind):
    assert check_stored(GREY[kind], 1).data == GREY[kind]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_rgba_files_keep_their_bytes(dtype):
    data = tf.io.encode_png(numbers(9, 7, 4, high=np.iinfo(dtype).max, dtype=dtype)).numpy()
    assert check_stored(data, 4).data == data


@pytest.mark.parametrize("kind", REWRITTEN)
def test_others_become_bands_below_one_another(kind):
    data, channels = REWRITTEN[kind]
    image = check_stored(data, channels)
    stack = Image.open(io.BytesIO(image.data))
    assert image.data != data and stack.size == (image.width, channels * image.height)
    assert stack.mode == ("L" if decode_bands(data, channels).dtype == np.uint8 else "I;16")


def test_turned_pictures_are_stored_as_displayed():
    turned = Image.fromarray(numbers(20, 30))
    turned.getexif()[0x0112] = 6
    image = check_stored(encoded(turned, exif=turned.getexif()), 1)
    assert (image.height, image.width) == (30, 20)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9), st.sampled_from([2, 256, 65536]))
def test_any_size_and_number_of_bands_survives(height, width, bands, high):
    pixels = numbers(height, width, bands, high=high, dtype=np.uint16)
    np.testing.assert_array_equal(
        read_stored(stacked(pixels.astype(np.uint8 if high < 257 else np.uint16)), bands), pixels
    )


def test_photographs_have_the_encoder_they_had():
    data = encoded(picture(), "JPEG")
    assert encoder(3)(data) == images.encode(data)
    assert encoder(3, "header").keywords == {"verify": "header"}
    assert copy.deepcopy(encoder(5)) == BandEncoder(5)


@pytest.mark.parametrize(
    ("data", "channels", "message"),
    [
        (encoded(numbers(9, 7)), 2, "no image of 2 channels .*bands below one another"),
        (b"", 1, "no image of 1 channels"),
        (encoded(numbers(9, 7))[:40], 1, "no image of 1 channels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(8) + (60_000).to_bytes(4, "big") * 2 + bytes(40), 5, "60000 x 60000 pixels"),
    ],
)
def test_damaged_records_are_told(data, channels, message):
    with pytest.raises(InputError, match=message):
        read_stored(data, channels)


def test_more_rows_than_png_decoders_take_are_refused():
    with pytest.raises(InputError, match="11 bands of 100000 rows; 1,000,000"):
        stacked(np.zeros((100_000, 1, 11), np.uint8))
    assert read_stored(stacked(np.zeros((100_000, 1, 10), np.uint8)), 10).shape == (100_000, 1, 10)
