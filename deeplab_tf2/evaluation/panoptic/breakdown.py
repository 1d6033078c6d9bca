"""Panoptic scores of all categories, of things and of stuff: as values, as a table, as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from deeplab_tf2.evaluation.panoptic.overlaps import Overlaps


class Metric(Protocol):
    """What scores panoptic maps image by image: `PanopticQuality` or `ParsingCovering`."""

    def update(self, found: Overlaps) -> None:
        """Adds one image."""

    @property
    def scored(self) -> np.ndarray:
        """The categories in the mean, bool [categories]."""

    def by_category(self) -> dict[str, np.ndarray]:
        """Scores of each category, by name."""

    def counts(self) -> dict[str, np.ndarray]:
        """What the scores follow from, by category."""


@dataclasses.dataclass(frozen=True)
class Category:
    """A category of a panoptic data set; things can be counted, stuff cannot."""

    id: int
    name: str
    is_thing: bool


def breakdown(metric: Metric, categories: Sequence[Category]) -> dict[str, dict[str, Any]]:
    """Means over the scored categories: "All", "Things" and "Stuff" -> {score: mean, "n": categories}.

    A mean over no category is None.
    """
    is_thing = np.zeros(len(metric.scored), bool)
    is_thing[[category.id for category in categories if category.is_thing]] = True
    scored, scores = metric.scored, metric.by_category()
    groups = {"All": scored, "Things": scored & is_thing, "Stuff": scored & ~is_thing}
    return {
        name: {
            **{key: float(values[members].mean()) if members.any() else None for key, values in scores.items()},
            "n": int(members.sum()),
        }
        for name, members in groups.items()
    }


def format_breakdown(rows: Mapping[str, Mapping[str, Any]], digits: int = 3) -> str:
    """A table of percentages, one line a group."""
    columns = list(next(iter(rows.values())))
    lines = [["", *(column.upper() for column in columns)]]
    for name, row in rows.items():
        lines.append([name, *(_cell(row[column], digits) for column in columns)])
    width = max(len(cell) for line in lines for cell in line[1:])
    return "\n".join("  ".join([line[0].ljust(6), *(cell.rjust(width) for cell in line[1:])]) for line in lines)


def _cell(value: float | int | None, digits: int) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{100 * value:.{digits}f}"


def to_json(metric: Metric, categories: Sequence[Category]) -> dict[str, Any]:
    """Means, and the scores and counts of every category; null for the scores of one that is not in the means."""
    scores, counts, scored = metric.by_category(), metric.counts(), metric.scored
    rows = [
        {"id": category.id, "name": category.name, "isthing": category.is_thing}
        | {key: float(values[category.id]) if scored[category.id] else None for key, values in scores.items()}
        | {key: values[category.id].item() for key, values in counts.items()}
        for category in categories
    ]
    return {"scores": breakdown(metric, categories), "categories": rows}
