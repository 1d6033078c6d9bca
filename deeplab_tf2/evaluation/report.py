"""An evaluation as a page: how good a network is, and where and why it fails."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.evaluation.figures import example_row
from deeplab_tf2.evaluation.panels import calibration_panel, trimap_panels
from deeplab_tf2.evaluation.report_classes import classes, confusion, sizes, summary
from deeplab_tf2.evaluation.result import Calibration, Evaluation, Shown
from deeplab_tf2.evaluation.visualise import Example
from deeplab_tf2.evaluation.wording import score, worded
from deeplab_tf2.pictures.charts import charts
from deeplab_tf2.pictures.legend import percent
from deeplab_tf2.pictures.page import Html, bar, element, histogram, save_page, table


def save_report(evaluation: Evaluation, folder: str) -> str:
    """Writes the page `<split>_report.html` into `folder`, whole or not at all, and returns its path.

    Args:
        evaluation: what was found; the facts may name the "split" and the "run".
        folder: where to; it must exist.
    """
    facts = evaluation.facts
    split = str(facts.get("split", "all"))
    title = " ".join(["Evaluation", *([f"of {storage.last_name(facts['run'])}"] if facts.get("run") else [])])
    content = [
        *summary(evaluation),
        *classes(evaluation),
        *_borders(evaluation),
        *confusion(evaluation),
        *sizes(evaluation),
        *_images(evaluation),
        *_trust(evaluation.calibration),
        *_facts(facts),
    ]
    return save_page(storage.join(folder, f"{split}_report.html"), f"{title} on {split}", content)


def _borders(evaluation: Evaluation) -> Iterator[Html]:
    if evaluation.trimap is None:
        return
    along = {"void": "pixels without a class", "edges": "the edges of true labels, those of void too"}
    yield element("h2", "Along borders")
    text = f"Scores of the pixels in a band along {along[evaluation.trimap.border]}, by its width."
    yield element("p", text, " What is lost on the left is lost at outlines.")
    yield charts(trimap_panels({"": evaluation.trimap}))


def _images(evaluation: Evaluation) -> Iterator[Html]:
    counts: dict[int, int] = {}
    for image in evaluation.images:
        if not math.isnan(image.miou):
            counts[round(100 * image.miou)] = counts.get(round(100 * image.miou), 0) + 1
    if counts:
        yield element("h2", "Images")
        yield histogram(counts, "images by their mIoU in percent")
    for title, group in (("Worst images", evaluation.worst), ("Best images", evaluation.best)):
        if group:
            yield element("h2", title)
            yield element("p", "Photo, truth, prediction and errors in red; what is ignored is pale.")
        for shown in group:
            yield from _image(evaluation, shown)


def _image(evaluation: Evaluation, shown: Shown) -> Iterator[Html]:
    found = f": mIoU {score(shown.score.miou)}, pixel accuracy {score(shown.score.pixel_accuracy)}"
    yield element("div", element("strong", shown.score.name), found)
    example = Example(shown.score.name, shown.image, shown.labels, shown.truth)
    yield example_row(example, evaluation.colors, evaluation.ignore_label, errors=True)


def _trust(calibration: Calibration | None) -> Iterator[Html]:
    if calibration is None or not calibration.pixels.any():
        return
    total = calibration.pixels.sum()
    surplus = float(np.nansum(calibration.pixels * (calibration.confidence - calibration.accuracy)) / total)
    lean = "higher" if surplus > 0 else "lower"
    yield element("h2", "How far to trust probabilities")
    yield element(
        "p",
        f"The probability of the answer is off by {score(calibration.error)} on average (expected calibration error); "
        f"over all pixels it is {abs(surplus):.4f} {lean} than the share of right pixels.",
    )
    yield charts([calibration_panel({"measured": calibration})])
    rows = [
        (f"{low:.2f} to {high:.2f}", percent(pixels / total), bar(pixels / total), score(confidence), score(accuracy))
        for low, high, pixels, confidence, accuracy in zip(
            calibration.edges,
            calibration.edges[1:],
            calibration.pixels,
            calibration.confidence,
            calibration.accuracy,
            strict=False,
        )
    ]
    heads = ("probability", "pixels", "", "mean probability", "right")
    yield element("details", element("summary", "as numbers"), table(heads, rows, text_columns=(0, 2)))


def _facts(facts: Mapping[str, Any]) -> Iterator[Html]:
    # The warning stands at the top.
    told = {name: worded(value) for name, value in facts.items() if name != "warning" and value is not None}
    rows = [(name.replace("_", " "), text) for name, text in told.items() if text]
    if rows:
        yield element("h2", "How it was measured")
        yield table(("fact", "value"), rows, text_columns=(0, 1))
