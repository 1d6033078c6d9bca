"""Large images as windows are read from them, and pictures of their size as strips are written to them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from deeplab_tf2.inference import rasters
from deeplab_tf2.inference.pixels import pixels_of
from deeplab_tf2.pictures.png_strips import PngStrips
from deeplab_tf2.storage import whole_file


class Strips(Protocol):
    """A picture in the making."""

    def write(self, rows: np.ndarray) -> None:
        """Appends rows: labels [rows, width], or uint8 [rows, width, 3]."""


class Source(Protocol):
    """An image of which parts are read.

    Attributes:
        size: height and width in pixels.
        extension: of the pictures that `strips` makes.
    """

    size: tuple[int, int]
    extension: str

    def read(self, rows: slice, columns: slice) -> np.ndarray:
        """Pixels [rows, columns, channels], uint8 where the network sees RGB, else uint16."""

    def known(self, rows: slice, columns: slice) -> np.ndarray | None:
        """Which pixels have data, bool [rows, columns]; None: all of the image."""

    def strips(
        self, path: str, kind: str, colors: Sequence[Sequence[int]]
    ) -> contextlib.AbstractContextManager[Strips]:
        """A picture of the same size, whole or not there at the end.

        Args:
            path: where to.
            kind: see `PngStrips`.
            colors: the palette, for that kind.
        """


@contextlib.contextmanager
def opened(path: str, channels: int) -> Iterator[Source]:
    """Opens an image: one of `rasters.EXTENSIONS` to be read window by window, others whole.

    Args:
        path: the file.
        channels: what the network sees.

    Raises:
        InputError: it cannot be read, has other channels, or needs a library that is not installed.
    """
    if path.lower().endswith(rasters.EXTENSIONS):
        with rasters.opened(path, channels) as raster:
            yield raster
    else:
        yield Picture(pixels_of(path, channels))


class Picture:
    """An image that lies in the memory.

    Args:
        pixels: see `predict.pixels_of`.
    """

    extension = ".png"

    def __init__(self, pixels: np.ndarray) -> None:
        self.size = pixels.shape[0], pixels.shape[1]
        self._pixels = pixels

    def read(self, rows: slice, columns: slice) -> np.ndarray:
        """See `Source`."""
        return self._pixels[rows, columns]

    def known(self, rows: slice, columns: slice) -> None:
        """See `Source`."""

    @contextlib.contextmanager
    def strips(self, path: str, kind: str, colors: Sequence[Sequence[int]]) -> Iterator[Strips]:
        """See `Source`."""
        with whole_file(path) as temporary, PngStrips(temporary, self.size, kind, colors) as file:
            yield file
