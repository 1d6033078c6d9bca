"""Colours of mask pixels to labels: exact, or the nearest of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import TRANSPARENT, color_text

_SHOWN = 8
# Pixels looked up at a time, and colours compared at a time with a whole table: tens of megabytes.
_BAND = 1 << 20
_CHUNK = 1 << 14
# A mask with more strange colours than these is a photograph; counting on would take memory for nothing.
_MANY = 1 << 16
# What compression does to a colour stays well below, what differs in a photograph well above.
_FAR = 64


class ColorTable:
    """Looks up the labels of colours.

    Args:
        labels: colour, 0xrrggbb or `TRANSPARENT` -> label of 0..255.
        nearest: whether other colours count as the nearest of the table, by Euclidean distance in RGB (of equally
            near ones, the smallest 0xrrggbb); else they are refused.
    """

    def __init__(self, labels: Mapping[int, int], nearest: bool = False) -> None:
        self._colors = np.array(sorted(labels), np.uint32)
        self._labels = np.array([labels[int(color)] for color in self._colors], np.uint8)
        self._opaque = self._colors[self._colors != TRANSPARENT]
        self._nearest = nearest

    def labels(self, pixels: np.ndarray) -> np.ndarray:
        """The label of every pixel, uint8 [height, width].

        Args:
            pixels: colours of 0..255, uint8 [height, width, 3], or with alpha [height, width, 4]; alpha matters
                only where it is 0.

        Raises:
            InputError: colours are not in the table; the message lists them with their counts and neighbours.
        """
        result = np.empty(pixels.shape[:2], np.uint8)
        strange: dict[int, int] = {}
        far = 0
        for rows in self._bands(pixels.shape[0], pixels.shape[1]):
            colors = _packed(pixels[rows])
            places, known = self._find(colors)
            if not known.all():
                unknown, inverse, counts = np.unique(colors[~known], return_inverse=True, return_counts=True)
                if self._nearest:
                    near, distances = self._neighbours(unknown)
                    places[~known] = near[inverse]
                    far += int(counts[distances > _FAR].sum())
                else:
                    for color, count in zip(unknown.tolist(), counts.tolist(), strict=True):
                        strange[color] = strange.get(color, 0) + count
            if len(strange) > _MANY:
                break
            result[rows] = self._labels[places]
        if strange:
            raise InputError(self._complaint(strange))
        if 2 * far > result.size:
            raise InputError(
                f"{far} of {result.size} pixels are more than {_FAR} steps from every colour of the label map, as in a"
                " photograph; are the folders of images and masks swapped?"
            )
        return result

    @staticmethod
    def _bands(height: int, width: int) -> Iterator[slice]:
        step = max(_BAND // max(width, 1), 1)
        return (slice(start, start + step) for start in range(0, height, step))

    def _find(self, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        places = np.minimum(np.searchsorted(self._colors, colors), len(self._colors) - 1)
        return places, self._colors[places] == colors

    def _neighbours(self, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of the nearest opaque colours in the table, and how far these are."""
        table = _channels(self._opaque)
        places, squares = [], []
        for start in range(0, len(colors), _CHUNK):
            chunk = _channels(colors[start : start + _CHUNK])
            # Whole numbers below 2^24 are exact in float32.
            found = (table**2).sum(axis=1) - 2 * (chunk @ table.T)
            places.append(found.argmin(axis=1))
            squares.append(found.min(axis=1) + (chunk**2).sum(axis=1))
        return np.concatenate(places), np.sqrt(np.concatenate(squares))

    def _complaint(self, strange: Mapping[int, int]) -> str:
        shown = sorted(strange, key=lambda color: (-strange[color], color))[:_SHOWN]
        near = self._opaque[self._neighbours(np.array(shown, np.uint32))[0]].tolist()
        listed = "; ".join(
            f"{color_text(color)} {strange[color]} pixels, nearest {color_text(known)}"
            for color, known in zip(shown, near, strict=True)
        )
        more = f"; and {len(strange) - len(shown)} more colours" if len(strange) > len(shown) else ""
        least = "at least " if len(strange) > _MANY else ""
        return f"{least}{sum(strange.values())} pixels have colours outside the label map: {listed}{more}"


def _packed(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = (pixels[..., channel].astype(np.uint32) for channel in range(3))
    colors = red << 16 | green << 8 | blue
    if pixels.shape[-1] == 4:
        colors[pixels[..., 3] == 0] = TRANSPARENT
    return colors


def _channels(colors: np.ndarray) -> np.ndarray:
    return np.stack([colors >> 16 & 255, colors >> 8 & 255, colors & 255], axis=-1).astype(np.float32)
