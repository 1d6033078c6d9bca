"""Evaluations beside each other as a page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from deeplab_tf2.evaluation.compared import CALIBRATION, CONSTANT, Compared
from deeplab_tf2.evaluation.comparison import Row, cautions, changes, class_rows, differing_facts, score_rows, size_rows
from deeplab_tf2.evaluation.panels import calibration_panel, trimap_panels
from deeplab_tf2.evaluation.wording import change, score, worded
from deeplab_tf2.pictures.charts import charts
from deeplab_tf2.pictures.page import Html, element, save_page, table

_IMAGES = 10
# A change that is not seen in four digits.
_NOTHING = 5e-5
# Which way is good, where it is not up.
_GOOD = {CALIBRATION: -1, CONSTANT: 0}


def save_comparison(compared: Sequence[Compared], path: str) -> str:
    """Writes the page, whole or not at all, and returns its path.

    Args:
        compared: two evaluations or more; the others are measured by the first.
        path: where to; its folder must exist.
    """
    content = [
        *(element("p", caution, kind="warning") for caution in cautions(compared)),
        *_scores(compared),
        *_facts(compared),
        *_classes(compared),
        *_charts(compared),
        *_sizes(compared),
        *_images(compared),
    ]
    *names, last = (entry.name for entry in compared)
    return save_page(path, f"Comparison of {', '.join(names)} and {last}", content)


def _scores(compared: Sequence[Compared]) -> Iterator[Html]:
    yield element("h2", "Scores")
    yield element("p", f"Changes are measured against {compared[0].name}.")
    yield _numbers("score", compared, score_rows(compared))


def _numbers(what: str, compared: Sequence[Compared], rows: Sequence[Row]) -> Html:
    """A table of the values of each, and of how those of the others differ from the first."""
    cells = [(element("span", row.name, kind="keep"), *map(score, row.values), *_changes(row)) for row in rows]
    return table((what, *(entry.name for entry in compared), *_change_heads(compared)), cells)


def _change_heads(compared: Sequence[Compared]) -> list[str]:
    _, *others = compared
    return ["change"] if len(others) == 1 else [f"change, {entry.name}" for entry in others]


def _changes(row: Row) -> Iterator[Html | str]:
    good = _GOOD.get(row.name, 1)
    return (_change(value, good) for value in row.changes)


def _change(value: float, good: int) -> Html | str:
    if not abs(value) >= _NOTHING:
        return "-" if math.isnan(value) else "0"
    kinds = {0: "", 1: "good", -1: "error"}
    return element("span", change(value), kind=kinds[good if value > 0 else -good])


def _facts(compared: Sequence[Compared]) -> Iterator[Html]:
    facts = differing_facts(compared)
    if not facts:
        return
    rows = [
        (name.replace("_", " "), *("-" if value is None else worded(value) for value in values))
        for name, values in facts.items()
    ]
    yield element("h2", "What differs")
    yield table(("", *(entry.name for entry in compared)), rows, text_columns=range(len(compared) + 1))


def _classes(compared: Sequence[Compared]) -> Iterator[Html]:
    yield element("h2", "IoU by class")
    yield _numbers("class", compared, class_rows(compared))


def _charts(compared: Sequence[Compared]) -> Iterator[Html]:
    panels = trimap_panels({entry.name: entry.trimap for entry in compared if entry.trimap})
    calibrated = {entry.name: entry.calibration for entry in compared if entry.calibration}
    if calibrated:
        panels.append(calibration_panel(calibrated))
    if panels:
        yield element("h2", "Borders and probabilities")
        yield charts(panels)


def _sizes(compared: Sequence[Compared]) -> Iterator[Html]:
    rows = size_rows(compared)
    if rows:
        yield element("h2", "Share of right pixels by size of the object")
        yield _numbers("size", compared, rows)


def _images(compared: Sequence[Compared]) -> Iterator[Html]:
    first, *others = compared
    for other in others:
        found = changes(first, other, _IMAGES)
        if not (found.better or found.worse or found.same):
            continue
        yield element("h2", f"Images in {other.name} against {first.name}")
        counts = f"Images that are better: {found.better:,}, worse: {found.worse:,}, the same: {found.same:,}."
        yield element("p", counts, " These change the most:" if found.rows else "")
        if found.rows:
            yield _numbers("mIoU of", [first, other], found.rows)
