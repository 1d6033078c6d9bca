"""Reads examples and counts what the checks need, in bounded memory."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import itertools
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.sources import Example, Source
from deeplab_tf2.data.decoding import Decoding
from deeplab_tf2.data.findings import strange_labels

_KEPT = 50
_CHUNK = 64


@dataclasses.dataclass
class Hits:
    """Examples that share a trait: their number, and the (position, name) of the first 50."""

    count: int = 0
    first: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def add(self, position: int, name: str) -> None:
        """Counts one more."""
        self.count += 1
        if len(self.first) < _KEPT:
            self.first.append((position, name))

    @property
    def names(self) -> list[str]:
        """The names of the first ones."""
        return [name for _, name in self.first]


@dataclasses.dataclass
class SplitSurvey:
    """What was counted in one split.

    Attributes:
        examples: examples read.
        masks: those of them that have a mask.
        label_pixels: pixels of each mask value, int64 [256].
        label_images: masks in which each value occurs, int64 [256].
        image_sizes: how many images have each (height, width), in pixels.
        digests: digest of the image bytes -> position and name of the first example that has it.
        repeated: examples whose image bytes an earlier one of the split has.
        unreadable: examples that cannot be read; here the names are the reasons.
        unlabelled: examples without a mask.
        strange: examples with labels outside the classes; here the names are the reasons.
        strange_pixels: pixels of each value in the masks of those, int64 [256].
        empty: examples whose mask has ignored pixels only.
        single: examples whose mask has one class only.
        most_of: mask value -> pixels and position of the example that has most of it.
    """

    examples: int = 0
    masks: int = 0
    label_pixels: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(256, np.int64))
    label_images: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(256, np.int64))
    strange_pixels: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(256, np.int64))
    image_sizes: collections.Counter[tuple[int, int]] = dataclasses.field(default_factory=collections.Counter)
    digests: dict[bytes, tuple[int, str]] = dataclasses.field(default_factory=dict)
    repeated: Hits = dataclasses.field(default_factory=Hits)
    unreadable: Hits = dataclasses.field(default_factory=Hits)
    unlabelled: Hits = dataclasses.field(default_factory=Hits)
    strange: Hits = dataclasses.field(default_factory=Hits)
    empty: Hits = dataclasses.field(default_factory=Hits)
    single: Hits = dataclasses.field(default_factory=Hits)
    most_of: dict[int, tuple[int, int]] = dataclasses.field(default_factory=dict)

    def class_pixels(self, descriptor: Descriptor) -> np.ndarray:
        """Pixels of each class without the ignored ones, int64 [classes]."""
        return _of_classes(self.label_pixels, descriptor)

    def class_images(self, descriptor: Descriptor) -> np.ndarray:
        """Masks in which each class occurs, int64 [classes]."""
        return _of_classes(self.label_images, descriptor)


def without_union(names: Collection[str]) -> list[str]:
    """The splits without "trainval" where both its parts are there: what they hold need not be told twice."""
    return [name for name in names if not (name == "trainval" and {"train", "val"} <= set(names))]


def _of_classes(counts: np.ndarray, descriptor: Descriptor) -> np.ndarray:
    classes = counts[: descriptor.num_classes].copy()
    if descriptor.ignore_label < descriptor.num_classes:
        classes[descriptor.ignore_label] = 0
    return classes


def survey_split(
    source: Source,
    split: str,
    descriptor: Descriptor,
    *,
    positions: Sequence[int] | None = None,
    with_images: bool = True,
    advance: Callable[[], object] = lambda: None,
) -> SplitSurvey:
    """Reads a split and counts.

    Args:
        source: where the examples are.
        split: name of the split.
        descriptor: says what labels are legal.
        positions: the examples to read; None for all.
        with_images: whether images are checked too: their bytes, their size against that of the mask, and
            whether they occur twice.
        advance: called after every example.
    """
    survey = SplitSurvey()

    def read(position: int) -> _Read:
        try:
            return _inspect(source.read(split, position), source.decoding if with_images else None)
        except InputError as error:
            return _Read(problem=str(error))

    wanted = range(source.sizes()[split]) if positions is None else positions
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for position, seen in _in_chunks(pool, read, wanted):
            _count(survey, position, seen, descriptor)
            advance()
    return survey


@dataclasses.dataclass(frozen=True)
class _Read:
    """One example, reduced to what is counted."""

    name: str = ""
    size: tuple[int, int] | None = None
    pixels: np.ndarray | None = None
    digest: bytes = b""
    problem: str = ""


def _inspect(example: Example, decoding: Decoding | None) -> _Read:
    """What is counted of an example; of its image only where it shall be decoded."""
    shape = example.label.shape if example.label is not None else None
    pixels = np.bincount(example.label.ravel(), minlength=256) if example.label is not None else None
    if decoding is None:
        return _Read(example.name, None if shape is None else (shape[0], shape[1]), pixels)
    try:
        size = decoding.checked_size(example.image)
    except InputError as error:
        raise InputError(f"the image of {example.name} cannot be used: {error}") from error
    if shape not in (None, size):
        raise InputError(
            f"the mask of {example.name} has {shape[1]} x {shape[0]} pixels, its image {size[1]} x {size[0]}"
        )
    return _Read(example.name, size, pixels, hashlib.blake2b(example.image, digest_size=16).digest())


def _count(survey: SplitSurvey, position: int, seen: _Read, descriptor: Descriptor) -> None:
    survey.examples += 1
    if seen.problem:
        survey.unreadable.add(position, seen.problem)
        return
    if seen.size:
        survey.image_sizes[seen.size] += 1
    if seen.digest in survey.digests:
        survey.repeated.add(position, f"{seen.name} = {survey.digests[seen.digest][1]}")
    elif seen.digest:
        survey.digests[seen.digest] = (position, seen.name)
    if seen.pixels is None:
        survey.unlabelled.add(position, seen.name)
        return
    survey.masks += 1
    survey.label_pixels += seen.pixels
    survey.label_images += seen.pixels > 0
    for label in np.flatnonzero(seen.pixels).tolist():
        survey.most_of[label] = max(survey.most_of.get(label, (0, 0)), (int(seen.pixels[label]), position))
    strange = strange_labels(seen.name, seen.pixels, descriptor)
    if strange:
        survey.strange.add(position, strange[0].text)
        survey.strange_pixels += seen.pixels
    occurring = int(np.count_nonzero(_of_classes(seen.pixels, descriptor)))
    if occurring < 2 and not strange:
        (survey.single if occurring else survey.empty).add(position, seen.name)


def _in_chunks(
    pool: ThreadPoolExecutor, function: Callable[[int], _Read], positions: Iterable[int]
) -> Iterator[tuple[int, _Read]]:
    """`pool.map` that holds only so many results at a time."""
    rest = iter(positions)
    while chunk := list(itertools.islice(rest, _CHUNK)):
        yield from zip(chunk, pool.map(function, chunk), strict=True)
