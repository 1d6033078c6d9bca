"""A network's way over a large image, tile by tile: for the mean of its features, and for its labels."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from deeplab_tf2.config import aligned_size
from deeplab_tf2.inference.segmentation import PALETTE_SIZE
from deeplab_tf2.inference.tile_network import RunTiles, TileNetwork, shares_mean
from deeplab_tf2.inference.tiles import Mosaic, Side
from deeplab_tf2.inference.windows import Source

Progress = Callable[[int, int], object]
# Tiles in which the effect of a mean of their own is measured.
_TRIED = 6


class TilePasses:
    """The tiles of an image, row by row.

    Args:
        network: what answers.
        source: the image.
        rows: tiles from top to bottom.
        columns: tiles from left to right.
        reader: the thread that reads; nothing else may read `source` meanwhile but tasks of the same thread.
        progress: is called with the number of tiles that a pass has behind it, and the number of all.

    Attributes:
        places: row and column of each tile.
        mosaic: what blends them.
    """

    def __init__(
        self,
        network: TileNetwork,
        source: Source,
        rows: Side,
        columns: Side,
        reader: ThreadPoolExecutor,
        progress: Progress | None = None,
    ) -> None:
        self.places = list(itertools.product(range(len(rows)), range(len(columns))))
        self.mosaic = Mosaic(rows, columns, network.config.num_classes)
        self._network, self._source, self._reader = network, source, reader
        self._rows, self._columns, self._progress = rows, columns, progress

    @property
    def sharing(self) -> RunTiles | None:
        """The network, if there are tiles and a mean that they could share."""
        network = self._network
        can = isinstance(network, RunTiles) and shares_mean(network.config) and len(self.places) > 1
        return network if can else None  # type: ignore[return-value]

    def mean(self, network: RunTiles) -> np.ndarray:
        """The mean of the encoder's features over the whole image, float32 [channels]: a pass of its own."""
        total, count = np.zeros(()), 0.0
        for (row, column), pixels in self._tiles(self.places):
            features = network.features(pixels)
            vertical = self._cell_weights(self._rows, row, features.shape[0])
            horizontal = self._cell_weights(self._columns, column, features.shape[1])
            total = total + vertical @ np.tensordot(horizontal, features, (0, 1))
            count += vertical.sum() * horizontal.sum()
        return (total / count).astype(np.float32)

    def _cell_weights(self, along: Side, index: int, cells: int) -> np.ndarray:
        """How much each feature of a tile counts; one in the padding behind the image as much as the image's last."""
        weights = along.weights(index).astype(np.float64)
        # Seen, not asked for: Auto-DeepLab gives two features where the output stride promises one.
        padded = aligned_size(len(weights), self._network.config.output_stride)
        weights = weights[:: max((padded - 1) // max(cells - 1, 1), 1)]
        return np.pad(weights, (0, cells - len(weights)), mode="edge")

    def strips(self, mean: np.ndarray | None) -> Iterator[tuple[slice, np.ndarray]]:
        """Finished rows of the image and their labels, uint8 (beyond 256 classes uint16) [rows, width].

        Args:
            mean: what the tiles share; None where each has its own.
        """
        width = self._columns.length
        dtype = np.uint8 if self._network.config.num_classes <= PALETTE_SIZE else np.uint16
        labels = np.zeros((0, width), dtype)
        for (row, column), pixels in self._tiles(self.places):
            rows, columns, block = self.mosaic.add(row, column, self._network.probabilities(pixels, mean))
            if column == 0:
                labels = np.empty((rows.stop - rows.start, width), dtype)
            labels[:, columns] = block.argmax(-1)
            if column + 1 == len(self._columns):
                yield rows, labels

    def changed(self, network: RunTiles) -> float:
        """Fraction of the pixels of some tiles whose label changes with the mean of all these in place of their own."""
        step = -(-len(self.places) // _TRIED)
        tried = [pixels for _, pixels in self._tiles(self.places[::step])]
        mean = np.stack([network.features(pixels).mean((0, 1)) for pixels in tried]).mean(0)
        changed = [_labels(network, pixels) != _labels(network, pixels, mean) for pixels in tried]
        return float(sum(map(np.sum, changed)) / sum(map(np.size, changed)))

    def _tiles(self, places: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
        """Places with the pixels of their tiles; those of the next one are read meanwhile."""
        coming = self._reader.submit(self._read, places[0])
        for number, (place, following) in enumerate(itertools.zip_longest(places, places[1:]), start=1):
            pixels = coming.result()
            if following is not None:
                coming = self._reader.submit(self._read, following)
            yield place, pixels
            if self._progress is not None:
                self._progress(number, len(places))

    def _read(self, place: tuple[int, int]) -> np.ndarray:
        return self._source.read(slice(*self._rows.span(place[0])), slice(*self._columns.span(place[1])))


def _labels(network: RunTiles, pixels: np.ndarray, mean: np.ndarray | None = None) -> np.ndarray:
    return network.probabilities(pixels, mean).argmax(-1)
