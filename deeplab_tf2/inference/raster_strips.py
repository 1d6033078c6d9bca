"""GeoTIFF files that are written a few rows at a time, with masks of what has no data."""

from __future__ import annotations

import contextlib
import warnings
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from deeplab_tf2 import storage

# The sides of the blocks that are compressed together.
BLOCK = 256
LAYOUT = {
    **{"driver": "GTiff", "compress": "deflate", "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK},
    "bigtiff": "if_safer",
}


class RasterStrips:
    """A raster in the making.

    Args:
        dataset: the file, opened for writing.
        known: which pixels have data, see `windows.Source`; the others are masked.
    """

    def __init__(self, dataset: Any, known: Callable[[slice, slice], np.ndarray | None]) -> None:
        self._dataset, self._known, self._row = dataset, known, 0
        self._written: list[tuple[tuple[slice, slice], int, int | None]] = []

    def write(self, rows: np.ndarray) -> None:
        """Appends rows: labels [rows, width], or uint8 [rows, width, 3]."""
        import rasterio

        bands = np.ascontiguousarray(rows[np.newaxis] if rows.ndim == 2 else np.moveaxis(rows, -1, 0))
        window = slice(self._row, self._row + len(rows)), slice(0, rows.shape[1])
        known = self._known(*window)
        # Here, as it holds for one thread only; the mask would lie in a file beside the picture without.
        with _full_disk(), rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            self._dataset.write(bands, window=window)
            if known is not None:
                self._dataset.write_mask(known, window=window)
        self._written.append((window, zlib.crc32(bands.data), None if known is None else zlib.crc32(known.tobytes())))
        self._row += len(rows)

    def check(self, path: str) -> None:
        """Reads the closed file back: GDAL says nothing when the last blocks of a file find no room.

        Args:
            path: the file.

        Raises:
            OSError: it does not hold what was written.
        """
        with _full_disk(), dataset_of(path) as dataset:
            for window, bands, known in self._written:
                whole = zlib.crc32(dataset.read(window=window)) == bands
                if not whole or known not in (None, zlib.crc32(dataset.read_masks(1, window=window) > 0)):
                    raise OSError("it reads back as something else; is the disk full?")


def dataset_of(path: str, mode: str = "r", **settings: Any) -> Any:
    """A dataset of rasterio, from its whole path: GDAL takes what stands before a colon for a network or an archive.

    Args:
        path: the file.
        mode: as of `open`.
        settings: as of `rasterio.open`.
    """
    import rasterio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return rasterio.open(storage.absolute(path), mode, **settings)


@contextlib.contextmanager
def _full_disk() -> Iterator[None]:
    """Names the likely cause of what rasterio raises while it writes."""
    from rasterio.errors import RasterioIOError

    try:
        yield
    except RasterioIOError as error:
        raise OSError(f"{' '.join(str(error.__cause__ or error).split())[:200]}; is the disk full?") from error
