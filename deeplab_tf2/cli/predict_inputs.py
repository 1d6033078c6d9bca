"""What predict is given: files, folders, patterns, videos and standard input."""

from __future__ import annotations

import dataclasses
import functools
import glob
import os
import sys
import typing
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.band_arrays import NPY, RGB
from deeplab_tf2.inference import finding

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.photos import Photo

STANDARD_INPUT = "-"
_LONGEST_PATH = 1 << 15


@dataclasses.dataclass(frozen=True)
class Input:
    """An image or video to segment.

    Attributes:
        name: its path, or "stdin".
        data: its bytes, where it came through standard input.
        stem: what the results begin with.
        is_beside: whether it is an array that a folder or pattern gave together with photographs.
    """

    name: str
    data: bytes | None = None
    stem: str = ""
    is_beside: bool = False

    @property
    def is_film(self) -> bool:
        """Whether it is a video."""
        return self.data is None and finding.is_film(self.name)

    def photo(self, channels: int) -> Photo:
        """It as a photograph of some channels, to be read when its turn comes."""
        from deeplab_tf2.inference.photos import Photo
        from deeplab_tf2.inference.pixels import decoded, pixels_of

        if self.data is None:
            return Photo(self.name, functools.partial(pixels_of, self.name, channels), self.stem)
        data = self.data

        def read() -> np.ndarray:
            with images.naming(self.name):
                return decoded(data, channels)

        return Photo(self.name, read, self.stem)


def find_inputs(values: Sequence[str], others: Sequence[str] = ()) -> list[Input]:
    """What the values of --images name, each once.

    Args:
        values: files, folders and patterns, and "-" for standard input: an image, or the paths of some.
        others: as for `find_images`.

    Raises:
        InputError: one of them names nothing.
    """
    found: dict[str, Input] = {}
    for value in _whole(values):
        for one in _standard_input() if value == STANDARD_INPUT else _files(value, others):
            key = os.path.realpath(one.name) if one.data is None else STANDARD_INPUT
            if key not in found or found[key].is_beside:
                found[key] = one
    return list(found.values())


def readable(given: Iterable[Input], channels: int) -> list[Input]:
    """What is given without the arrays that lie beside photographs, where the network sees photographs."""
    return [one for one in given if not (one.is_beside and channels == RGB)]


def _files(value: str, others: Sequence[str]) -> list[Input]:
    try:
        found = finding.find_images(value, others)
    except InputError as error:
        raise InputError(f"--images={error}") from error
    pictures = set(finding.readable(found, RGB))
    return [Input(name, is_beside=name not in pictures) for name in found]


def _whole(values: Sequence[str]) -> Iterator[str]:
    """Values, those that are parts of a file's name with commas joined again."""
    rest = list(values)
    while rest:
        name, count = next(_names(rest), (rest[0].strip(), 1))
        yield name
        del rest[:count]


def _names(parts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """What the first parts may name, and their number; blanks around a comma may belong to a name or not."""
    for count in range(1, len(parts) + 1):
        joined = ",".join(parts[:count])
        for name in (joined, joined.strip()):
            if os.path.lexists(name):
                yield name, count
        if count == 1 and glob.has_magic(joined):
            yield joined.strip(), count


def _standard_input() -> list[Input]:
    if sys.stdin is None:
        raise InputError("--images=-: standard input is closed; give it an image, or paths, one a line")
    data = sys.stdin.buffer.read()
    try:
        images.opened(data)
    except InputError as error:
        if not data.startswith(NPY):
            return [Input(line) for line in _lines(data, error)]
    return [Input("stdin", data)]


def _lines(data: bytes, fault: InputError) -> list[str]:
    """The paths that stand in bytes which are no image, for the reason of `fault`."""
    lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    if not data.strip() or b"\0" in data or max(map(len, lines)) > _LONGEST_PATH:
        raise InputError(
            f"--images=-: {len(data)} bytes came that are no list of paths, one a line, and no image that can be "
            f"read: {fault}"
        )
    return [os.fsdecode(line) for line in lines if line.strip()]
