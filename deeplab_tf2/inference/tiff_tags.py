"""What a TIFF file says of itself, and GDAL does not tell."""

from __future__ import annotations

import struct
from typing import BinaryIO

UPRIGHT = 1
_ORIENTATION = 274
_BIG = 43
# The first directory: where its place stands, its number of entries, and an entry: tag, type, count, first number.
_CLASSIC, _BIG_TIFF = ("4xL", "H", "HHLH2x"), ("8xQ", "Q", "HHQH6x")


def orientation(file: BinaryIO) -> int:
    """How the pixels of a TIFF lie, as viewers turn them: 1 (`UPRIGHT`) to 8.

    Args:
        file: the opened file; a TIFF or BigTIFF.
    """
    start = file.read(16)
    order = "<" if start.startswith(b"II") else ">"
    place, count, entry = _BIG_TIFF if struct.unpack_from(order + "H", start, 2)[0] == _BIG else _CLASSIC
    file.seek(struct.unpack_from(order + place, start)[0])
    (entries,) = struct.unpack(order + count, file.read(struct.calcsize(order + count)))
    for tag, _, _, value in struct.iter_unpack(order + entry, file.read(entries * struct.calcsize(order + entry))):
        if tag == _ORIENTATION:
            return int(value)
    return UPRIGHT
