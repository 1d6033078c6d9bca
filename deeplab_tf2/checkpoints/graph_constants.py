"""The variables of a frozen graph, which has them as constants."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np

from deeplab_tf2.checkpoints.variables import LEAVES, Variables
from deeplab_tf2.config import InputError

_NODE_FIELD = 1


def open_graph(path: str, where: str) -> Variables:
    """The variables of a frozen graph.

    Args:
        path: file of a serialised `GraphDef`.
        where: what to call it in a message.

    Raises:
        InputError: it is no frozen graph, or a damaged one.
    """
    import tensorflow as tf

    shapes, places = {}, {}
    try:
        with open(path, "rb") as file:
            for place in _nodes(file):
                node = _node(file, place)
                if node.op == "Const" and node.name.rpartition("/")[2] in LEAVES:
                    tensor = node.attr["value"].tensor
                    shapes[node.name] = tuple(int(dim.size) for dim in tensor.tensor_shape.dim)
                    places[node.name] = place
    except OSError as error:
        raise InputError(f"{where} cannot be read: {error}") from error
    except ValueError as error:
        raise InputError(f"{where} is no frozen graph, or a damaged one: {error}; copy or download it again") from error
    if not shapes:
        raise InputError(
            f"{where} has no constants with names of variables: it is no frozen graph of a trained network"
        )

    def read(name: str) -> np.ndarray:
        with open(path, "rb") as file:
            return tf.make_ndarray(_node(file, places[name]).attr["value"].tensor)

    return Variables(where, shapes, read)


def _nodes(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Offset and size in bytes of each node: a graph read as a whole would be in memory twice."""
    end = os.fstat(file.fileno()).st_size
    while file.tell() < end:
        tag = _varint(file)
        size = _varint(file)
        start = file.tell()
        if tag & 7 == 2:
            if start + size > end:
                raise ValueError(f"the file ends within a part of {size} bytes")
            if tag >> 3 == _NODE_FIELD:
                yield start, size
            file.seek(start + size)
        elif tag & 7 != 0:
            raise ValueError(f"byte {start} does not begin a part of a graph")


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("the file ends within a number")


def _node(file: BinaryIO, place: tuple[int, int]) -> Any:
    import tensorflow as tf
    from google.protobuf.message import DecodeError

    file.seek(place[0])
    try:
        return tf.compat.v1.NodeDef.FromString(file.read(place[1]))
    except DecodeError as error:
        raise ValueError(str(error)) from error
