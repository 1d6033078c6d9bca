"""What predict is given: files, folders, patterns, videos and standard input; and how the results are called."""

from __future__ import annotations

import collections
import dataclasses
import functools
import glob
import itertools
import os
import pathlib
import sys
import typing
from collections.abc import Iterator, Sequence

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.band_arrays import EXTENSIONS as ARRAYS
from deeplab_tf2.data.files.band_arrays import NPY, RGB
from deeplab_tf2.data.pairing.folders import EXTENSIONS as PICTURES

if typing.TYPE_CHECKING:
    from deeplab_tf2.inference.photos import Photo

EXTENSIONS = (*PICTURES, *ARRAYS)
FILMS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".mts")
STANDARD_INPUT = "-"


@dataclasses.dataclass(frozen=True)
class Given:
    """An image or video to segment.

    Attributes:
        name: its path, or "stdin".
        data: its bytes, where it came through standard input.
        stem: what the results begin with.
    """

    name: str
    data: bytes | None = None
    stem: str = ""

    @property
    def is_film(self) -> bool:
        """Whether it is a video."""
        return self.data is None and self.name.lower().endswith(FILMS)

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


def find_inputs(values: Sequence[str]) -> list[Given]:
    """What the values of --images name, each once.

    Args:
        values: files, folders and patterns, and "-" for standard input: an image, or the paths of some.

    Raises:
        InputError: one of them names nothing.
    """
    found: dict[str, Given] = {}
    for value in _whole(values):
        some = _standard_input() if value == STANDARD_INPUT else map(Given, find_images(value))
        for one in some:
            found.setdefault(os.path.realpath(one.name) if one.data is None else STANDARD_INPUT, one)
    return list(found.values())


def _whole(values: Sequence[str]) -> Iterator[str]:
    """Values, those that are parts of a file's name with commas joined again."""
    rest = list(values)
    while rest:
        is_whole = os.path.lexists(rest[0]) or glob.has_magic(rest[0])
        lengths = range(0) if is_whole else range(2, len(rest) + 1)
        count = next((length for length in lengths if os.path.lexists(",".join(rest[:length]))), 1)
        yield ",".join(rest[:count])
        del rest[:count]


def _standard_input() -> list[Given]:
    data = sys.stdin.buffer.read()
    try:
        images.opened(data)
    except InputError:
        if not data.startswith(NPY):
            return [Given(line) for line in _lines(data)]
    return [Given("stdin", data)]


def _lines(data: bytes) -> list[str]:
    try:
        lines = [line for line in data.decode().splitlines() if line.strip()]
    except UnicodeDecodeError:
        lines = []
    if not lines or "\0" in lines[0]:
        raise InputError(f"--images=-: {len(data)} bytes came that are no image, nor a list of paths, one a line")
    return lines


def find_images(where: str) -> list[str]:
    """The files that `where` names: a file, a folder's own images, or images and videos that match a pattern.

    Raises:
        InputError: there are none.
    """
    if os.path.isfile(where):
        return [where]
    is_folder = os.path.isdir(where)
    names = glob.glob(os.path.join(glob.escape(where), "*") if is_folder else where, recursive=True)
    ends = EXTENSIONS if is_folder else (*EXTENSIONS, *FILMS)
    found = sorted(name for name in names if name.lower().endswith(ends) and os.path.isfile(name))
    if found:
        return found
    if not os.path.lexists(where) and not glob.has_magic(where):
        raise InputError(f"--images={where}: there is no such file or folder")
    raise InputError(f"--images={where}: no image among {len(names)} names; images end in {', '.join(EXTENSIONS)}")


def readable(given: Sequence[Given], channels: int) -> list[Given]:
    """What is given without the arrays that lie beside photographs, where the network sees photographs."""
    pictures = [one for one in given if not one.name.lower().endswith(ARRAYS)]
    return pictures if pictures and channels == RGB else list(given)


def with_stems(given: Sequence[Given], folder: str, ends: Sequence[str]) -> list[Given]:
    """The same with what their results begin with: `folder` and their name, made unique where two would meet.

    Args:
        given: images and videos.
        folder: where the results go.
        ends: what the names of the results of each end in.

    Raises:
        InputError: a result would replace one of the images.
    """
    # Compared without case: some file systems do not tell A from a.
    times = collections.Counter(pathlib.Path(one.name).stem.lower() for one in given)
    named, taken = [], set[str]()
    for one in given:
        path = pathlib.Path(one.name)
        name = path.stem if times[path.stem.lower()] == 1 else path.name
        candidates = itertools.chain([name], (f"{name}_{number}" for number in itertools.count(2)))
        name = next(candidate for candidate in candidates if candidate.lower() not in taken)
        taken.add(name.lower())
        named.append(dataclasses.replace(one, stem=os.path.join(folder, name)))
    inputs = {os.path.realpath(one.name) for one in given if one.data is None}
    for one, end in itertools.product(named, ends):
        if os.path.realpath(one.stem + end) in inputs:
            raise InputError(
                f"the result {one.stem}{end} of {one.name} would replace an image: choose another --output_dir"
            )
    return named


def names_in_coco(inputs: Sequence[Given]) -> dict[str, str]:
    """Name -> path from the folder that holds all images."""
    folders = [os.path.dirname(os.path.abspath(one.name)) for one in inputs if one.data is None]
    root = os.path.commonpath(folders) if folders else "."
    return {one.name: os.path.relpath(one.name, root) if one.data is None else one.name for one in inputs}
