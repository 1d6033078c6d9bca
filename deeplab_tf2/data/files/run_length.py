"""Masks stored as lengths of runs, plain or packed into text, as COCO has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from deeplab_tf2.config import InputError


def filled(counts: Any, size: tuple[int, int]) -> np.ndarray:
    """The pixels of a mask, bool [height, width].

    Args:
        counts: lengths of runs of 0 and 1 by turns, 0 first, down the columns one after the other: numbers, or text.
        size: (height, width) in pixels.

    Raises:
        InputError: these are no lengths, or they do not add up to the size.
    """
    lengths, (height, width) = _lengths(counts), size
    if sum(lengths) != height * width:
        raise InputError(f"the lengths of its runs do not add up to {width} x {height} pixels")
    values = np.arange(len(lengths)) % 2 == 1
    return np.repeat(values, lengths).reshape(width, height).T


def run_area(counts: Any) -> int:
    """The pixels that are 1.

    Raises:
        InputError: these are no lengths.
    """
    return sum(_lengths(counts)[1::2])


def _lengths(counts: Any) -> list[int]:
    lengths = unpacked(counts) if isinstance(counts, str) else counts
    # The type itself, because True is an int.
    if not isinstance(lengths, list) or not all(type(length) is int and length >= 0 for length in lengths):
        raise InputError("its runs have no lengths; legal are whole numbers, and text")
    return lengths


def unpacked(text: str) -> list[int]:
    """The lengths that a text packs: 5 bits a character, from "0" on, as differences to the run before the last.

    Raises:
        InputError: the text packs none.
    """
    lengths: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - ord("0")
        if not 0 <= code < 64 or shift > 60:
            raise InputError(f"{text[:20]!r}... packs no runs")
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        lengths.append(value + (lengths[-2] if len(lengths) > 2 else 0))
        value = shift = 0
    return lengths
