"""Arrays as images: which axis holds the bands, which numbers are legal, and no memory for what is not there."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.band_arrays import NPY, read_npy, read_tiff, whole_numbers


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def with_header(text, body=b""):
    """An .npy file of version 1 with a header of one's own."""
    header = text.encode().ljust(118) + b"\n"
    return NPY + b"\x01\x00" + len(header).to_bytes(2, "little") + header + body


def tiff(array, **options):
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **options)
    return buffer.getvalue()


def bands(count=5, high=65536):
    return np.random.default_rng(0).integers(0, high, (12, 9, count)).astype(np.uint16)


def test_the_axis_of_the_bands_is_that_of_their_number():
    pixels = bands()
    for array in (pixels, np.asfortranarray(pixels), pixels.astype(">u2"), pixels.astype(np.int64), pixels * 1.0):
        np.testing.assert_array_equal(read_npy(npy(array), 5), pixels)
        np.testing.assert_array_equal(read_npy(npy(np.moveaxis(array, -1, 0)), 5), pixels)
    one = bands(1)
    for array in (one, one[..., 0], np.moveaxis(one, -1, 0)):
        np.testing.assert_array_equal(read_npy(npy(array), 1), one)


def test_numbers_below_256_take_a_byte():
    pixels = bands(high=256)
    assert read_npy(npy(pixels), 5).dtype == np.uint8
    assert read_npy(npy(pixels > 100), 5).max() == 1
    assert whole_numbers(np.array([[256.0]])).dtype == np.uint16


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((5, 9, 5), np.uint8), r"\[5, 9, 5\] has 5 at both ends"),
        (np.zeros((9, 9, 4), np.uint8), r"\[9, 9, 4\]; for 5 channels legal are \[height, width, 5\]"),
        (np.zeros((9, 9), np.uint8), "for 5 channels"),
        (np.zeros((1, 9, 9, 5), np.uint8), "for 5 channels"),
        (np.zeros((0, 9, 5), np.uint8), "without any pixel"),
        (np.full((9, 9, 5), -1), "from -1 to -1"),
        (np.full((9, 9, 5), 65536), "from 65536 to 65536"),
        (np.full((9, 9, 5), 0.25), "0.25 with fractions"),
        (np.full((9, 9, 5), np.nan), "nan"),
        (np.full((9, 9, 5), np.inf), "nan"),
        (np.full((9, 9, 5), "a"), "array of <U1"),
        (np.zeros((9, 9, 5), np.complex64), "array of complex64"),
    ],
)
def test_other_arrays_are_refused(array, message):
    with pytest.raises(InputError, match=message):
        read_npy(npy(array), 5)


def test_pickled_objects_are_never_loaded():
    with pytest.raises(InputError, match="array of object"):
        read_npy(npy(np.array([[[{}] * 5]], object), allow_pickle=True), 5)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (npy(bands())[:-1], "are there: save it again"),
        (npy(bands()) + b"\0", "are there"),
        (
            with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (90000, 90000, 5)}"),
            "at most .* values are read",
        ),
        (with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (9000, 9000, 5)}"), "0 are there"),
        (with_header("{'descr': '|u1', 'fortran_order': False, 'shape': (-9, -9, 5)}"), "without any pixel"),
        (with_header("{'descr': '|V0', 'fortran_order': False, 'shape': (9, 9, 5)}"), "an array of"),
        (with_header("[[[[[["), "header that cannot be read"),
        (with_header("{}"), "header that cannot be read"),
        (NPY, "header that cannot be read"),
        (NPY + b"\x09\x00", "header that cannot be read"),
    ],
)
def test_headers_that_lie_cost_no_memory(data, message):
    tracemalloc.start()
    with pytest.raises(InputError, match=message):
        read_npy(data, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_after_the_mark_are_an_array_or_a_clear_error(data, plain):
    with pytest.raises(InputError):
        read_npy(NPY + (b"\x01\x00" + len(data).to_bytes(2, "little") if plain else b"") + data, 5)


@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "minisblack", "planarconfig": "contig"},
        {"photometric": "minisblack", "planarconfig": "contig", "compression": "zlib", "tile": (16, 16)},
        {"photometric": "rgb", "planarconfig": "contig", "bigtiff": True},
    ],
)
def test_samples_of_a_tiff(options):
    np.testing.assert_array_equal(read_tiff(tiff(bands(), **options), 5), bands())


def test_planes_and_pages_of_a_tiff():
    planes = np.moveaxis(bands(), -1, 0)
    np.testing.assert_array_equal(read_tiff(tiff(planes, photometric="minisblack"), 5), bands())
    data = tiff(planes, photometric="minisblack", planarconfig="separate")
    np.testing.assert_array_equal(read_tiff(data, 5), bands())


def test_tiff_as_other_programs_compress_them():
    pytest.importorskip("imagecodecs")
    for compression in ("lzw", "packbits"):
        data = tiff(bands(), photometric="minisblack", planarconfig="contig", compression=compression)
        np.testing.assert_array_equal(read_tiff(data, 5), bands())


@pytest.mark.parametrize("channels", [2, 4, 6])
def test_a_tiff_of_other_bands_is_refused(channels):
    with pytest.raises(InputError, match=f"9 x 12 pixels and 5 bands; wanted are {channels}"):
        read_tiff(tiff(bands(), photometric="minisblack", planarconfig="contig"), channels)


def test_a_tiff_that_claims_too_much_is_refused_before_it_is_read():
    data = tiff(np.zeros((5, 64, 64), np.uint8), photometric="minisblack", planarconfig="separate")
    # Width and height are the tags 256 and 257, one number of four bytes each.
    for tag in (256, 257):
        place = data.index(struct.pack("<HHI", tag, 4, 1)) + 8
        data = data[:place] + struct.pack("<I", 60_000) + data[place + 4 :]
    tracemalloc.start()
    with pytest.raises(InputError, match="60000, 60000.*at most"):
        read_tiff(data, 5)
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_tiff_that_ends_early_is_not_filled_up():
    data = tiff(bands(), photometric="minisblack", planarconfig="contig")
    with pytest.raises(InputError, match="cannot be read"):
        read_tiff(data[:-200], 5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=3)), min_size=1, max_size=4))
def test_a_damaged_tiff_gives_pixels_or_a_clear_error(edits):
    data = bytearray(tiff(bands(), photometric="minisblack", planarconfig="contig"))
    for place, piece in edits:
        # The tags lie in front.
        start = int(place**3 * len(data))
        data[start : start + len(piece)] = piece
    try:
        assert read_tiff(bytes(data), 5).shape[2] == 5
    except InputError as error:
        assert str(error)
