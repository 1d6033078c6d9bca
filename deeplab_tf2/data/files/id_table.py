"""Values of index masks to labels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import MAX_ID

_SHOWN = 8


class IdTable:
    """Looks up the labels of mask values.

    Args:
        labels: value of 0..65535 -> label of 0..255.
        source: where they come from, for messages.
    """

    def __init__(self, labels: Mapping[int, int], source: str) -> None:
        self._source = source
        self._table = np.full(MAX_ID + 1, -1, np.int16)
        self._table[list(labels)] = list(labels.values())

    def labels(self, values: np.ndarray) -> np.ndarray:
        """The label of every pixel, uint8 [height, width].

        Args:
            values: what the mask holds, unsigned [height, width].

        Raises:
            InputError: values are not in the table; the message lists them with their pixel counts.
        """
        labels = self._table[values]
        if labels.min(initial=0) < 0:
            counts = np.bincount(values[labels < 0].ravel())
            strange = listed({int(value): int(counts[value]) for value in np.flatnonzero(counts)})
            legal = _ranges(np.flatnonzero(self._table >= 0).tolist())
            raise InputError(
                f'values {strange}, which {self._source} does not have; it has {legal}: add them, with "ignore" where '
                "they belong to no class"
            )
        return labels.astype(np.uint8)


def listed(counts: Mapping[int, int]) -> str:
    """Values and their pixels, the first eight of many: "37 (1600 pixels), 200 (400 pixels)"."""
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in list(counts.items())[:_SHOWN])
    return shown + (f" and {len(counts) - _SHOWN} more values" if len(counts) > _SHOWN else "")


def _ranges(values: list[int]) -> str:
    """Numbers in ascending order, as "0 to 11, 255"."""
    known = set(values)
    starts = [value for value in values if value - 1 not in known]
    ends = [value for value in values if value + 1 not in known]
    parts = [f"{start}" if start == end else f"{start} to {end}" for start, end in zip(starts, ends, strict=True)]
    return ", ".join(parts[:_SHOWN]) + (", ..." if len(parts) > _SHOWN else "")
