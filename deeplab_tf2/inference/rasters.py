"""Images with a place on the ground, through rasterio: windows of them, and pictures that lie where they lie."""

from __future__ import annotations

import contextlib
import os
import warnings
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.band_arrays import RGB, whole_numbers
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.inference.tiff_tags import UPRIGHT, orientation

# Left to itself GDAL goes by the content, which may then lead to other files and hosts, whatever the name says.
_DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".jp2": "JP2OpenJPEG", ".img": "HFA"}
EXTENSIONS = tuple(_DRIVERS)
_CACHE_BYTES = 64 << 20
_Window = tuple[tuple[int, int], tuple[int, int]]
BLOCK = 256
_LAYOUT = {
    **{"driver": "GTiff", "compress": "deflate", "tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK},
    "bigtiff": "if_safer",
}


@contextlib.contextmanager
def opened(path: str, channels: int) -> Iterator[Raster]:
    """Opens a raster.

    Args:
        path: the file.
        channels: what the network sees.

    Raises:
        InputError: it cannot be read, has other channels, is not upright, or rasterio is not installed.
    """
    driver = _DRIVERS[os.path.splitext(path)[1].lower()]
    with (
        _library(path).Env(GDAL_CACHEMAX=_CACHE_BYTES),
        _readable(path),
        _dataset(path, driver=driver) as dataset,
    ):
        if driver == "GTiff":
            _check_upright(path)
        yield Raster(path, dataset, channels)


class Raster:
    """An image that lies in a file that rasterio reads.

    Args:
        path: the file.
        dataset: the same, opened.
        channels: what the network sees.

    Raises:
        InputError: the file has other channels.
    """

    extension = ".tif"

    def __init__(self, path: str, dataset: Any, channels: int) -> None:
        self.size = dataset.height, dataset.width
        self._path, self._dataset, self._channels = path, dataset, channels
        bands = dataset.count
        alpha = bands > 1 and dataset.colorinterp[-1].name == "alpha"
        self._bands = list(range(1, bands + 1 - (alpha and bands == channels + 1)))
        grey = channels == RGB and len(self._bands) == 1 and dataset.colorinterp[0].name != "palette"
        if len(self._bands) != channels and not grey:
            raise InputError(
                f"{path}: a raster of {bands} bands ({', '.join(band.name for band in dataset.colorinterp)}); "
                f"the network sees {channels}: save these alone, with gdal_translate for example"
            )
        if channels == RGB and set(dataset.dtypes[: len(self._bands)]) != {"uint8"}:
            raise InputError(
                f"{path}: a raster of {dataset.dtypes[0]}; the network sees red, green and blue of 8 bits: "
                "scale it, with gdal_translate -ot Byte -scale for example"
            )

    def read(self, rows: slice, columns: slice) -> np.ndarray:
        """See `windows.Source`."""
        window = ((rows.start, rows.stop), (columns.start, columns.stop))
        with _readable(self._path):
            pixels = np.moveaxis(self._dataset.read(self._bands, window=window), 0, -1)
        if self._channels != RGB:
            with naming(self._path):
                return whole_numbers(pixels).astype(np.uint16)
        return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], RGB)))

    @contextlib.contextmanager
    def strips(self, path: str, kind: str, colors: Sequence[Sequence[int]]) -> Iterator[RasterStrips]:
        """See `windows.Source`; the picture lies where the image lies on the ground."""
        form: dict[str, Any] = {"count": RGB if kind == "RGB" else 1, "dtype": "uint16" if kind == "I;16" else "uint8"}
        form |= {"height": self.size[0], "width": self.size[1], **_LAYOUT}
        with storage.whole_file(path) as temporary:
            with _dataset(temporary, "w", **form) as dataset:
                self._lay(dataset)
                if kind == "P":
                    dataset.write_colormap(1, {label: tuple(color) for label, color in enumerate(colors)})
                made = RasterStrips(dataset)
                yield made
            made.check(temporary)

    def _lay(self, dataset: Any) -> None:
        """Lays a dataset where this one lies on the ground: by a transform, or by control points."""
        points, system = self._dataset.gcps
        if points:
            dataset.gcps = points, system
            return
        # Said first, as it shifts what is said then by half a pixel. Control points are told as of areas in any case.
        if "AREA_OR_POINT" in self._dataset.tags():
            dataset.update_tags(AREA_OR_POINT=self._dataset.tags()["AREA_OR_POINT"])
        if self._dataset.crs is not None:
            dataset.crs = self._dataset.crs
        if not self._dataset.transform.is_identity:
            dataset.transform = self._dataset.transform


class RasterStrips:
    """A raster in the making."""

    def __init__(self, dataset: Any) -> None:
        self._dataset, self._row = dataset, 0
        self._sums: list[tuple[_Window, int]] = []

    def write(self, rows: np.ndarray) -> None:
        """Appends rows: labels [rows, width], or uint8 [rows, width, 3]."""
        bands = np.ascontiguousarray(rows[np.newaxis] if rows.ndim == 2 else np.moveaxis(rows, -1, 0))
        window = ((self._row, self._row + len(rows)), (0, rows.shape[1]))
        with _full_disk():
            self._dataset.write(bands, window=window)
        self._sums.append((window, zlib.crc32(bands)))
        self._row += len(rows)

    def check(self, path: str) -> None:
        """Reads the closed file back: GDAL says nothing when the last blocks of a file find no room.

        Args:
            path: the file.

        Raises:
            OSError: it does not hold what was written.
        """
        with _full_disk(), _dataset(path) as dataset:
            if any(zlib.crc32(dataset.read(window=window)) != written for window, written in self._sums):
                raise OSError("it reads back as something else; is the disk full?")


def _dataset(path: str, mode: str = "r", **settings: Any) -> Any:
    """A dataset; from its whole path, as GDAL takes what stands before a colon for a kind of network or archive."""
    import rasterio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return rasterio.open(storage.absolute(path), mode, **settings)


def _check_upright(path: str) -> None:
    """Refuses a TIFF that viewers turn, and we do without tiles; GDAL takes the pixels as they lie."""
    with storage.explained(path, "read"), storage.opened(path) as file:
        found = orientation(file)
    if found != UPRIGHT:
        raise InputError(
            f"{path}: a TIFF with the orientation {found}, not {UPRIGHT} (upright), cannot be read tile by tile: save "
            "it upright, with magick -auto-orient for example, or leave tile_size out"
        )


@contextlib.contextmanager
def _readable(path: str) -> Iterator[None]:
    """Turns what rasterio raises on a bad file into words."""
    from rasterio.errors import RasterioError

    try:
        yield
    except RasterioError as error:
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())[:200]})") from error


@contextlib.contextmanager
def _full_disk() -> Iterator[None]:
    """Names the likely cause of what rasterio raises while it writes."""
    from rasterio.errors import RasterioIOError

    try:
        yield
    except RasterioIOError as error:
        raise OSError(f"{' '.join(str(error.__cause__ or error).split())[:200]}; is the disk full?") from error


def _library(path: str) -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise InputError(
            f"{path}: to read it tile by tile and keep its place on the ground, install the extra geotiff: "
            "pip install 'deeplab-tf2[geotiff]'"
        ) from error
    return rasterio
