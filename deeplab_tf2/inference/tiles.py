"""Where the tiles of a large image lie, and how their probabilities become one picture."""

from __future__ import annotations

import dataclasses

import numpy as np

from deeplab_tf2.config import aligned_size

# Of an overlap, the middle quarter is blended; what lies nearer to the edge of a tile than that does not count.
BLENDED = 4


@dataclasses.dataclass(frozen=True)
class Side:
    """The tiles along one side of an image, in pixels.

    Attributes:
        length: the side of the image.
        tile: the side of a tile.
        starts: first pixel of each tile, a multiple of the output stride.
        blend: pixels over which a tile fades into the next one.
    """

    length: int
    tile: int
    starts: tuple[int, ...]
    blend: int

    def __len__(self) -> int:
        return len(self.starts)

    def span(self, index: int) -> tuple[int, int]:
        """First pixel of a tile and the one behind its last; the image ends there, too."""
        return self.starts[index], min(self.starts[index] + self.tile, self.length)

    def before(self, index: int) -> tuple[int, int]:
        """The pixels in which a tile takes over from the one before it."""
        if index == 0:
            return 0, 0
        middle = (self.starts[index] + self.starts[index - 1] + self.tile) // 2
        return middle - self.blend // 2, middle - self.blend // 2 + self.blend

    def after(self, index: int) -> tuple[int, int]:
        """The pixels in which the next tile takes over from a tile."""
        return self.before(index + 1) if index + 1 < len(self) else (self.length, self.length)

    def counted(self, index: int) -> slice:
        """The pixels of the image in which a tile counts."""
        return slice(self.before(index)[0], self.after(index)[1])

    def weights(self, index: int) -> np.ndarray:
        """How much each pixel of a tile counts, float32 [pixels of the tile]; those of all tiles sum up to 1."""
        start, end = self.span(index)
        places = np.arange(start, end)
        weight = ((places >= self.before(index)[1]) & (places < self.after(index)[0])).astype(np.float32)
        for (first, last), fading in (
            (self.before(index), fade(self.blend)),
            (self.after(index), 1 - fade(self.blend)),
        ):
            weight[first - start : last - start] = fading[: last - first]
        return weight


def side(length: int, tile: int, overlap: int, output_stride: int) -> Side:
    """Tiles along a side, as evenly as may be.

    Args:
        length: the side of the image, in pixels.
        tile: wanted side of a tile; it grows to the next k * output_stride + 1.
        overlap: pixels that neighbours share at least.
        output_stride: that of the network; tiles begin at multiples of it, so that their features are those of the
            whole image.
    """
    whole = aligned_size(length, output_stride)
    tile = min(aligned_size(max(tile, 2 * output_stride + 1), output_stride), whole)
    steps, longest = (whole - tile) // output_stride, max((tile - 1 - overlap) // output_stride, 1)
    gaps = -(-steps // longest)
    starts = tuple(index * steps // max(gaps, 1) * output_stride for index in range(gaps + 1))
    return Side(length, tile, starts, overlap // BLENDED)


def fade(pixels: int) -> np.ndarray:
    """Weights that grow from 0 to 1 over some pixels, float32 [pixels]."""
    return (np.arange(pixels, dtype=np.float32) + 0.5) / max(pixels, 1)


class Mosaic:
    """Blends the probabilities of tiles that come row by row, and holds no more of them than wait for neighbours.

    Args:
        rows: tiles from top to bottom.
        columns: tiles from left to right.
        classes: number of classes.
    """

    def __init__(self, rows: Side, columns: Side, classes: int) -> None:
        self.rows, self.columns = rows, columns
        self._met = self._agreed = 0
        self._beside = np.zeros((0, 0, classes), np.float32)
        self._above = np.zeros((rows.blend, columns.length, classes), np.float32)

    @property
    def agreement(self) -> float | None:
        """Fraction of the pixels where tiles meet to which both give the same label; None where none meet."""
        return self._agreed / self._met if self._met else None

    def add(self, row: int, column: int, probabilities: np.ndarray) -> tuple[slice, slice, np.ndarray]:
        """Takes the next tile.

        Args:
            row: which one from the top.
            column: which one from the left.
            probabilities: float32 [height, width, classes] of the tile.

        Returns:
            Rows and columns of the image that are finished now, and their probabilities.
        """
        top, left = self.rows.starts[row], self.columns.starts[column]
        lines, places = self.rows.counted(row), self.columns.counted(column)
        block = np.array(probabilities[lines.start - top : lines.stop - top, places.start - left : places.stop - left])
        if column:
            self._meet(block[:, : self.columns.blend], self._beside, fade(self.columns.blend)[:, None])
        if column + 1 < len(self.columns):
            block, self._beside = self._parted(block, self.columns)
        places = slice(places.start, places.start + block.shape[1])
        if row:
            self._meet(block[: self.rows.blend], self._above[:, places], fade(self.rows.blend)[:, None, None])
        if row + 1 < len(self.rows):
            turned, below = self._parted(block.swapaxes(0, 1), self.rows)
            block, self._above[:, places] = turned.swapaxes(0, 1), below.swapaxes(0, 1)
        return slice(lines.start, lines.start + block.shape[0]), places, block

    def _meet(self, block: np.ndarray, waiting: np.ndarray, weights: np.ndarray) -> None:
        """Adds what waited for `block`, in place."""
        self._met += waiting[..., 0].size
        self._agreed += int(np.count_nonzero(block.argmax(-1) == waiting.argmax(-1)))
        block *= weights
        block += waiting

    @staticmethod
    def _parted(block: np.ndarray, along: Side) -> tuple[np.ndarray, np.ndarray]:
        """What is finished of [lines, places, classes], and what waits for the next tile, weighted."""
        end = block.shape[1] - along.blend
        return block[:, :end], block[:, end:] * (1 - fade(along.blend))[:, None]
