"""Images with a place on the ground, through rasterio: windows of them, and pictures that lie where they lie."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.band_arrays import RGB, whole_numbers
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.inference.raster_strips import LAYOUT, RasterStrips, dataset_of
from deeplab_tf2.inference.tiff_tags import UPRIGHT, orientation

# Left to itself GDAL goes by the content, which may then lead to other files and hosts, whatever the name says.
_DRIVERS = {".tif": "GTiff", ".tiff": "GTiff", ".jp2": "JP2OpenJPEG", ".img": "HFA"}
EXTENSIONS = tuple(_DRIVERS)
_CACHE_BYTES = 64 << 20


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
        dataset_of(path, driver=driver) as dataset,
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

        flags = {flag.name for band in self._bands for flag in dataset.mask_flag_enums[band - 1]}
        self._all_known = flags == {"all_valid"} or ("alpha" in flags and bands in self._bands)

    def read(self, rows: slice, columns: slice) -> np.ndarray:
        """See `windows.Source`."""
        with _readable(self._path):
            pixels = np.moveaxis(self._dataset.read(self._bands, window=(rows, columns)), 0, -1)
        if self._channels != RGB:
            known = self.known(rows, columns)
            with naming(self._path):
                # What stands for no data need not be a number that the network could see.
                return whole_numbers(pixels if known is None else np.where(known[..., None], pixels, 0)).astype(
                    np.uint16
                )
        return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], RGB)))

    def known(self, rows: slice, columns: slice) -> np.ndarray | None:
        """See `windows.Source`; by an alpha band that the network does not see, a mask, or a value for no data."""
        if self._all_known:
            return None
        with _readable(self._path):
            return self._dataset.read_masks(self._bands, window=(rows, columns)).any(0)

    @contextlib.contextmanager
    def strips(self, path: str, kind: str, colors: Sequence[Sequence[int]]) -> Iterator[RasterStrips]:
        """See `windows.Source`; the picture lies where the image lies on the ground."""
        form: dict[str, Any] = {"count": RGB if kind == "RGB" else 1, "dtype": "uint16" if kind == "I;16" else "uint8"}
        form |= {"height": self.size[0], "width": self.size[1], **LAYOUT}
        with storage.whole_file(path) as temporary:
            with dataset_of(temporary, "w", **form) as dataset:
                self._lay(dataset)
                if kind == "P":
                    dataset.write_colormap(1, {label: tuple(color) for label, color in enumerate(colors)})
                made = RasterStrips(dataset, self.known)
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


def _library(path: str) -> Any:
    try:
        import rasterio
    except ImportError as error:
        raise InputError(
            f"{path}: to read it tile by tile and keep its place on the ground, install the extra geotiff: "
            "pip install 'deeplab-tf2[geotiff]'"
        ) from error
    return rasterio
