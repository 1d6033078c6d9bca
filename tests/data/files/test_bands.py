"""Files of any number of channels, read with the numbers that they store."""

import io
import struct

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.bands import decode_bands, png_form


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def grey(dtype=np.uint8):
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (20, 30), endpoint=True)
    return pixels.astype(dtype)


def deep_png(pixels):
    """A PNG of 16 bits in grey, grey and alpha, RGB or RGBA."""
    return tf.io.encode_png(pixels).numpy()


def pillow_brightness(pixels):
    return np.asarray(Image.fromarray(pixels).convert("L"))[..., None]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_grey_keeps_its_numbers(dtype, kind):
    got = decode_bands(encoded(grey(dtype), kind), 1)
    assert got.dtype == dtype and got.shape == (20, 30, 1)
    np.testing.assert_array_equal(got[..., 0], grey(dtype))


def test_black_and_white_is_0_and_255():
    bits = Image.fromarray(stripes(labels=(0, 255))).convert("1")
    np.testing.assert_array_equal(decode_bands(encoded(bits), 1)[..., 0], stripes(labels=(0, 255)))


def test_colours_become_brightness_where_one_channel_is_wanted():
    colors = picture()
    want = pillow_brightness(colors)
    np.testing.assert_array_equal(decode_bands(encoded(colors), 1), want)
    rgba = np.dstack([colors, np.full((20, 30), 7, np.uint8)])
    np.testing.assert_array_equal(decode_bands(encoded(rgba), 1), want)
    deep = decode_bands(deep_png(colors.astype(np.uint16) * 257), 1)
    assert deep.dtype == np.uint16 and np.abs(deep / 257 - want).max() <= 0.51
    indices = palette_mask(stripes())
    np.testing.assert_array_equal(
        decode_bands(encoded(indices), 1), pillow_brightness(np.asarray(indices.convert("RGB")))
    )
    alpha = np.dstack([grey(), grey()[::-1]])
    np.testing.assert_array_equal(decode_bands(encoded(Image.fromarray(alpha, "LA")), 1)[..., 0], grey())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_rgba_keeps_its_four_numbers(dtype):
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (9, 7, 4)).astype(dtype)
    data = encoded(pixels) if dtype == np.uint8 else deep_png(pixels)
    got = decode_bands(data, 4)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, pixels)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("depth", [8, 16])
def test_pictures_are_read_as_displayed(orientation, depth):
    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(pixels, exif=exif)
    want = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    if depth == 16:
        # The same chunk, before the pixels of a file of 16 bits.
        start = data.index(b"eXIf") - 4
        chunk = data[start : start + 12 + int.from_bytes(data[start : start + 4], "big")]
        deep = deep_png(pixels.astype(np.uint16) * 257)
        data, want = deep[:33] + chunk + deep[33:], want.astype(np.uint16) * 257
    np.testing.assert_array_equal(decode_bands(data, 4), want)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_png_form(depth):
    assert png_form(encoded(grey(depth))) == (8 * np.dtype(depth).itemsize, 0)
    assert png_form(encoded(picture())) == (8, 2) and png_form(encoded(picture(), "JPEG")) is None
    assert png_form(b"\x89PNG\r\n\x1a\n") is None


@pytest.mark.parametrize(
    ("data", "channels", "message"),
    [
        (encoded(picture()), 4, r"has 3 channels \(RGB\); wanted are 4 .* RGBA pictures"),
        (encoded(grey()), 5, r"has 1 channel \(grey\); wanted are 5 .* TIFF and .npy files of 5 bands"),
        (encoded(palette_mask(stripes())), 4, r"3 channels \(palette\)"),
        (b"", 1, "empty"),
        (b"no image at all", 5, "no image of a known format"),
        (encoded(grey())[:60], 1, "truncated or damaged"),
        (encoded(grey(np.uint16))[:300], 1, "truncated or damaged"),
        (deep_png(np.zeros((9, 9, 4), np.uint16))[:-30], 4, "truncated or damaged"),
        (encoded(np.full((4, 4), -1, np.int32), "TIFF"), 1, "numbers from -1 to -1"),
        (encoded(np.full((4, 4), 0.5, np.float32), "TIFF"), 1, "fractions"),
    ],
)
def test_what_does_not_fit_is_told(data, channels, message):
    with pytest.raises(InputError, match=message):
        decode_bands(data, channels)


def test_tiff_that_pillow_would_read_in_part_is_refused_as_grey():
    tifffile = pytest.importorskip("tifffile")
    for array, message in (
        (np.zeros((2, 9, 9), np.uint8), "2 pages"),
        (np.zeros((9, 9, 3), np.uint16), "colours of 16 bits"),
    ):
        buffer = io.BytesIO()
        tifffile.imwrite(buffer, array, photometric="rgb" if array.shape[-1] == 3 else "minisblack")
        with pytest.raises(InputError, match=message):
            decode_bands(buffer.getvalue(), 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_bands_of_npy_and_tiff(dtype):
    tifffile = pytest.importorskip("tifffile")
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (9, 7, 5)).astype(dtype)
    np.testing.assert_array_equal(decode_bands(npy(pixels), 5), pixels)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels, photometric="minisblack", planarconfig="contig")
    np.testing.assert_array_equal(decode_bands(buffer.getvalue(), 5), pixels)


SEEDS = [
    encoded(grey()),
    encoded(grey(np.uint16)),
    encoded(picture(), "JPEG"),
    encoded(grey(np.uint16), "TIFF"),
    npy(np.zeros((9, 7, 4), np.uint16)),
    npy(np.zeros((4, 9, 7), np.float32)),
]


@settings(max_examples=200, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    edits=st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=4)), max_size=4),
    end=st.floats(0, 1),
    channels=st.sampled_from([1, 4, 5]),
)
def test_damaged_files_give_pixels_or_a_clear_error(seed, edits, end, channels):
    data = bytearray(seed)
    for place, piece in edits:
        start = int(place * len(data))
        data[start : start + len(piece)] = piece
    try:
        pixels = decode_bands(bytes(data[: int(end * len(data)) + 1]), channels)
    except InputError as error:
        assert str(error)
    else:
        assert pixels.ndim == 3 and pixels.shape[2] == channels and pixels.dtype in (np.uint8, np.uint16)


def test_a_tiff_whose_second_page_is_nothing_is_refused():
    data = bytearray(encoded(np.zeros((4, 5), np.uint8), "TIFF"))
    start = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, start)[0]
    struct.pack_into("<I", data, start + 2 + 12 * entries, len(data))
    with pytest.raises(InputError, match="truncated or damaged"):
        decode_bands(bytes(data) + bytes(6), 1)
