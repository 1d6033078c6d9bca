"""Bands that lie in files as arrays: .npy, and TIFF of more than one band."""

from __future__ import annotations

import io
import logging
import math
import tokenize
import warnings
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.images import PIXEL_LIMIT

RGB = 3
EXTENSIONS = (".npy",)
NPY = b"\x93NUMPY"
LARGEST = 65535
# Three bytes a pixel are what photographs take at most; bands may have two bytes each.
SAMPLE_LIMIT = 3 * PIXEL_LIMIT
_BYTE_LIMIT = 2 * SAMPLE_LIMIT

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_npy(data: bytes, channels: int) -> np.ndarray:
    """The bands of an .npy file: [height, width] for one, else [height, width, bands] or [bands, height, width].

    Returns:
        uint8 or uint16 [height, width, channels].

    Raises:
        InputError: the file is damaged, too large, or does not have these channels; the message does not name it.
    """
    shape, fortran, dtype, offset = _npy_header(data)
    _check_numbers(shape, dtype)
    # Before anything is made of the size that the header claims.
    claimed, there = math.prod(shape) * dtype.itemsize, len(data) - offset
    if claimed != there:
        raise InputError(f"the header says {list(shape)} {dtype}, {claimed} bytes; {there} are there: save it again")
    array = np.frombuffer(data, dtype, offset=offset).reshape(shape, order="F" if fortran else "C")
    if array.ndim == 2:
        array = array[..., np.newaxis]
    axes = [axis for axis in (0, 2) if array.ndim == 3 and array.shape[axis] == channels]
    if len(axes) == 2 and channels > 1:
        raise InputError(
            f"an array {list(shape)} has {channels} at both ends, so that it may be [height, width, bands] or "
            "[bands, height, width]: crop it to another height or width"
        )
    if not axes:
        raise InputError(
            f"an array {list(shape)}; for {channels} channels legal are [height, width, {channels}] and "
            f"[{channels}, height, width]" + (", and [height, width]" if channels == 1 else "")
        )
    return whole_numbers(np.moveaxis(array, axes[-1], -1))


def _npy_header(data: bytes) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    stream = io.BytesIO(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, fortran, dtype = _HEADERS[np.lib.format.read_magic(stream)](stream)
    except (ValueError, KeyError, TypeError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError) as error:
        raise InputError(
            f"an .npy file with a header that cannot be read ({str(error)[:100]}): save it again"
        ) from error
    return shape, fortran, dtype, stream.tell()


def read_tiff(data: bytes, channels: int) -> np.ndarray:
    """The bands of a TIFF file, whether they are samples of a pixel, planes or pages.

    Returns:
        uint8 or uint16 [height, width, channels].

    Raises:
        InputError: the file is damaged, too large, or does not have these channels; the message does not name it.
    """
    try:
        import tifffile
    except ImportError as error:
        raise InputError(
            "TIFF files of several bands need the extra 'bands': pip install 'deeplab-tf2[bands]'"
        ) from error
    # It only logs what the message below says.
    logging.getLogger("tifffile").setLevel(logging.CRITICAL)
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            series = file.series[0]
            bands = [axis for axis, name in enumerate(series.axes) if name not in "YX"]
            _check_numbers(series.shape, series.dtype)
            if len(bands) != 1 or len(series.shape) != 3 or series.shape[bands[0]] != channels:
                raise InputError(_unfit_tiff(series.shape, series.axes, channels))
            if not all(page and _is_whole(page, len(data)) for page in series.pages):
                raise EOFError("pixels lie beyond its end")
            array = series.asarray()
            if array.shape != series.shape:
                raise EOFError("pixels are missing")
    except InputError:
        raise
    # Whatever goes wrong inside while it reads somebody's bytes is the file's fault.
    except Exception as error:
        raise InputError(f"a TIFF file that cannot be read ({str(error)[:200]}); export it again") from error
    return whole_numbers(np.moveaxis(array, bands[0], -1))


def _is_whole(page: Any, size: int) -> bool:
    """Whether all pixels of a page lie in a file of `size` bytes; what does not would be read as zeros."""
    spans = zip(page.dataoffsets, page.databytecounts, strict=True)
    return all(start + length <= size for start, length in spans)


def _unfit_tiff(shape: tuple[int, ...], axes: str, channels: int) -> str:
    sizes = dict(zip(axes, shape, strict=True))
    height, width = sizes.pop("Y", 0), sizes.pop("X", 0)
    bands = " x ".join(map(str, sizes.values())) or "1"
    return f"a TIFF of {width} x {height} pixels and {bands} bands; wanted are {channels} (--input_channels)"


def _check_numbers(shape: tuple[int, ...], dtype: np.dtype | None) -> None:
    """Refuses what holds no numbers, or too many of them."""
    if dtype is None or dtype.kind not in "biuf":
        raise InputError(f"an array of {dtype}; legal are whole numbers of 0 to {LARGEST}")
    values = math.prod(shape)
    if min(shape, default=0) < 1:
        raise InputError(f"an array {list(shape)} without any pixel")
    if values > SAMPLE_LIMIT or values * dtype.itemsize > _BYTE_LIMIT:
        raise InputError(f"an array {list(shape)} {dtype}; at most {SAMPLE_LIMIT:,} values are read: cut it into tiles")


def whole_numbers(array: np.ndarray) -> np.ndarray:
    """The same numbers, as uint8 where all are below 256, else as uint16.

    Raises:
        InputError: there are fractions, or numbers outside 0..65535.
    """
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.floor(array)).all()):
        found = array[np.isfinite(array)]
        told = f" from {found.min():g} to {found.max():g}" if found.size else ""
        raise InputError(
            f"numbers{told} with fractions, or without value (nan); legal are whole numbers of 0 to {LARGEST}: scale "
            "them, reflectance of 0 to 1 times 10000 for example"
        )
    low, high = array.min(), array.max()
    if low < 0 or high > LARGEST:
        raise InputError(f"numbers from {low} to {high}; legal are whole numbers of 0 to {LARGEST}: scale them")
    return array.astype(np.uint8 if high < 256 else np.uint16)
