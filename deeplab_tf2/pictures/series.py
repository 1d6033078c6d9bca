"""What a line chart shows: its lines, cut where they break and thinned where nobody could see their points."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Series:
    """One line of a chart.

    Attributes:
        name: what the legend calls it; empty: it is not in the legend.
        points: numbers [points, 2] of (x, y), by growing x; where one is not finite, the line is broken.
        hue: which colour of the theme; None: by its place among the series.
        pale: whether it stands back behind the others.
        dots: whether each point is marked.
    """

    name: str
    points: np.ndarray | Sequence[tuple[float, float]]
    hue: int | None = None
    pale: bool = False
    dots: bool = False


@dataclasses.dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes:
        title: its heading, with the unit of y.
        series: its lines, the last on top.
        log: whether y grows by factors.
        x_name: what x is.
        x_range: values of x that have a place in any case.
    """

    title: str
    series: Sequence[Series]
    log: bool = False
    x_name: str = "step"
    x_range: Sequence[float] = ()


def thinned(places: np.ndarray, most: int) -> np.ndarray:
    """Two points, the highest and the lowest, of each of `most` parts of a line that has many more."""
    if len(places) <= 4 * most or not np.isfinite(places).all():
        return places
    kept = []
    for part in np.array_split(places, most):
        kept += [part[place] for place in sorted({int(part[:, 1].argmin()), int(part[:, 1].argmax())})]
    return np.array(kept)


def runs(places: np.ndarray) -> list[list[tuple[float, float]]]:
    """The parts of a line between points that have no place."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in places.tolist():
        if np.isfinite(x) and np.isfinite(y):
            found[-1].append((x, y))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]
