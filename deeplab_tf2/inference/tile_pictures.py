"""Pictures of the labels of a large image, painted and written a few rows at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.raster_strips import BLOCK
from deeplab_tf2.inference.segmentation import PALETTE_SIZE
from deeplab_tf2.inference.windows import Source, Strips
from deeplab_tf2.pictures.overlay import blend

# Painting and counting take some 30 bytes of each pixel at work.
_AT_WORK = 1 << 20


@dataclasses.dataclass(frozen=True)
class Output:
    """A picture of the labels.

    Attributes:
        kind: see `pictures.png_strips`; labels of more than 256 classes take 16 bits.
        paint: its rows, from labels [rows, width], pixels [rows, width, 3] and the descriptor; None: the labels.
    """

    kind: str
    paint: Callable[[np.ndarray, np.ndarray, Descriptor], np.ndarray] | None = None

    def kind_of(self, classes: int) -> str:
        """Its kind for a number of classes."""
        return "I;16" if self.paint is None and classes > PALETTE_SIZE else self.kind


OUTPUTS = {
    "mask": Output("P"),
    "index": Output("L"),
    "overlay": Output("RGB", lambda labels, pixels, descriptor: blend(pixels, labels, descriptor.colors)),
}


class TilePictures:
    """Pictures in the making.

    Args:
        source: the image.
        descriptor: names and colours of the classes.
        strips: where each of `OUTPUTS` that is wanted is written.

    Attributes:
        counts: pixels of each class among those that have data, int64 [classes].
    """

    def __init__(self, source: Source, descriptor: Descriptor, strips: Mapping[str, Strips]) -> None:
        self.counts = np.zeros(descriptor.num_classes, np.int64)
        self._source, self._descriptor, self._strips = source, descriptor, strips

    def store(self, rows: slice, labels: np.ndarray) -> None:
        """Paints, writes and counts the next rows.

        Args:
            rows: which ones.
            labels: theirs, [rows, width].
        """
        # In whole blocks of a raster, which would be compressed again for each part of them.
        inner = range(rows.start // BLOCK * BLOCK + BLOCK, rows.stop, BLOCK)
        for first, last in itertools.pairwise((rows.start, *inner, rows.stop)):
            window = slice(first, last), slice(0, labels.shape[1])
            part = labels[first - rows.start : last - rows.start]
            self._count(part, self._source.known(*window))
            for name, strips in self._strips.items():
                paint = OUTPUTS[name].paint
                strips.write(part if paint is None else self._painted(paint, part, self._source.read(*window)))

    def _count(self, labels: np.ndarray, known: np.ndarray | None) -> None:
        for lines in _lines(labels):
            counted = labels[lines].ravel() if known is None else labels[lines][known[lines]]
            self.counts += np.bincount(counted, minlength=len(self.counts))

    def _painted(self, paint: Callable[..., np.ndarray], labels: np.ndarray, pixels: np.ndarray) -> np.ndarray:
        picture = np.empty_like(pixels)
        for lines in _lines(labels):
            picture[lines] = paint(labels[lines], pixels[lines], self._descriptor)
        return picture


def _lines(labels: np.ndarray) -> Iterator[slice]:
    """Rows that are worked on together."""
    height, width = labels.shape
    step = max(_AT_WORK // width, 1)
    return (slice(start, start + step) for start in range(0, height, step))


@contextlib.contextmanager
def pictures_of(source: Source, descriptor: Descriptor, files: Mapping[str, str]) -> Iterator[TilePictures]:
    """Begins pictures that are whole, or not there, at the end.

    Args:
        source: the image.
        descriptor: names and colours of the classes.
        files: where each of `OUTPUTS` that is wanted goes.
    """
    with contextlib.ExitStack() as stack:
        yield TilePictures(
            source,
            descriptor,
            {
                name: stack.enter_context(
                    source.strips(path, OUTPUTS[name].kind_of(descriptor.num_classes), descriptor.colors)
                )
                for name, path in files.items()
            },
        )
