"""What differs between evaluations: the first is what the others are measured by."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

from deeplab_tf2.evaluation.compared import Compared

_TRUTH = "truth_pixels"


@dataclasses.dataclass(frozen=True)
class Row:
    """A number of every evaluation.

    Attributes:
        name: what it is.
        values: one per evaluation; nan where there is none.
    """

    name: str
    values: tuple[float, ...]

    @property
    def changes(self) -> tuple[float, ...]:
        """By how much the others differ from the first; nan where one has no value."""
        return tuple(value - self.values[0] for value in self.values[1:])


def score_rows(compared: Sequence[Compared]) -> list[Row]:
    """A row per score that one of them has."""
    return _rows([entry.scores for entry in compared])


def class_rows(compared: Sequence[Compared], key: str = "iou") -> list[Row]:
    """A row per class that one of them has, by its name.

    Args:
        compared: the evaluations.
        key: which of its numbers.
    """
    found = [{name: row.get(key, math.nan) for name, row in entry.classes.items()} for entry in compared]
    return _rows(found, absent=True)


def size_rows(compared: Sequence[Compared]) -> list[Row]:
    """A row per size of objects: the share of right pixels."""
    return _rows([{size.name: size.recall for size in entry.sizes} for entry in compared])


def _rows(found: Sequence[Mapping[str, float]], absent: bool = False) -> list[Row]:
    names = dict.fromkeys(name for values in found for name in values)
    rows = [Row(name, tuple(values.get(name, math.nan) for values in found)) for name in names]
    return [row for row in rows if absent or not all(map(math.isnan, row.values))]


@dataclasses.dataclass(frozen=True)
class Changes:
    """How the images of one evaluation fare in another.

    Attributes:
        better: images whose mIoU is higher in the other.
        worse: images whose mIoU is lower.
        same: the rest of those in both.
        rows: images whose mIoU changes the most, gains first, each with both values.
    """

    better: int
    worse: int
    same: int
    rows: Sequence[Row]


def changes(first: Compared, other: Compared, most: int) -> Changes:
    """How the images of `first` fare in `other`; `most` are told of those that gain and of those that lose."""
    pairs = [Row(name, (value, other.images[name])) for name, value in first.images.items() if name in other.images]
    rows = sorted((row for row in pairs if not math.isnan(row.changes[0])), key=lambda row: -row.changes[0])
    gains, losses = [row for row in rows if row.changes[0] > 0], [row for row in rows if row.changes[0] < 0]
    same = len(rows) - len(gains) - len(losses)
    return Changes(len(gains), len(losses), same, [*gains[:most], *losses[-most:]])


def differing_facts(compared: Sequence[Compared]) -> dict[str, tuple[Any, ...]]:
    """The facts that are not the same in all, one value per evaluation; None where it has none."""
    names = dict.fromkeys(name for entry in compared for name in entry.facts)
    found = {name: tuple(entry.facts.get(name) for entry in compared) for name in names}
    return {name: values for name, values in found.items() if any(value != values[0] for value in values)}


def cautions(compared: Sequence[Compared]) -> list[str]:
    """Why the scores cannot simply be compared; empty where they can."""
    first, *others = compared
    found = []
    for entry in others:
        if set(entry.classes) != set(first.classes):
            found.append(f"{entry.name} has other classes than {first.name}.")
        elif any(abs(row.changes[0]) > 0 for row in class_rows([first, entry], _TRUTH)):
            found.append(f"{entry.name} was scored on another truth than {first.name}: other images, masks or sizes.")
        paddings = first.facts.get("padding"), entry.facts.get("padding")
        if None not in paddings and paddings[0] != paddings[1]:
            found.append(f"{entry.name} pads images otherwise than {first.name}, which changes scores a little.")
    return found
