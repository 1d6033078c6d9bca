"""PNG files that are written a few rows at a time, for pictures larger than the memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

_GREY, _RGB, _PALETTE = 0, 2, 3
# How rows are filtered before they are compressed: not at all, or as differences to the pixel on the left.
_PLAIN, _SUB = 0, 1


class PngStrips:
    """A PNG file in the making; it is finished by leaving its `with` block.

    Rows are uint8 [rows, width, 3] where `kind` is "RGB", else labels [rows, width]: uint8 with a palette ("P") or as
    grey ("L"), or uint16 as grey ("I;16").

    Args:
        path: where to; the file is not whole before the end.
        size: height and width in pixels.
        kind: one of these, as in Pillow.
        colors: the palette, one (red, green, blue) of 0..255 per label.
    """

    def __init__(
        self, path: str, size: tuple[int, int], kind: str, colors: Sequence[Sequence[int]] | np.ndarray = ()
    ) -> None:
        color_type, depth = {"RGB": (_RGB, 8), "P": (_PALETTE, 8), "L": (_GREY, 8), "I;16": (_GREY, 16)}[kind]
        self._filter = _SUB if kind == "RGB" else _PLAIN
        self._type = ">u2" if depth == 16 else "u1"
        self._packer = zlib.compressobj()
        self._file: BinaryIO = open(path, "wb")  # noqa: SIM115
        self._file.write(b"\x89PNG\r\n\x1a\n")
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", size[1], size[0], depth, color_type, 0, 0, 0))
        if kind == "P":
            self._chunk(b"PLTE", np.asarray(colors, np.uint8).tobytes())

    def write(self, rows: np.ndarray) -> None:
        """Appends rows."""
        height = len(rows)
        pixels = np.ascontiguousarray(rows, self._type).reshape(height, rows.shape[1], -1)
        if self._filter == _SUB:
            pixels = np.concatenate([pixels[:, :1], pixels[:, 1:] - pixels[:, :-1]], axis=1)
        lines = np.ascontiguousarray(pixels).view(np.uint8).reshape(height, -1)
        filtered = np.concatenate([np.full((height, 1), self._filter, np.uint8), lines], axis=1)
        self._chunk(b"IDAT", self._packer.compress(filtered.tobytes()))

    def _chunk(self, name: bytes, data: bytes) -> None:
        self._file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if kind is None:
                self._chunk(b"IDAT", self._packer.flush())
                self._chunk(b"IEND", b"")
