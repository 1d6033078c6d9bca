"""An evaluation read back from its JSON file, to be set beside others."""

from __future__ import annotations

import collections
import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError, read_json
from deeplab_tf2.evaluation.result import Calibration, SizeScore, TrimapCurve

BOUNDARY, CALIBRATION, CONSTANT = "boundary IoU", "calibration error", "mIoU of a constant answer"
# What a page calls a score -> its key.
SCORES = {
    "mIoU": "miou",
    "mIoU without the ignored class": "miou_without_ignored_class",
    CONSTANT: "constant_answer_miou",
    "pixel accuracy": "pixel_accuracy",
    "mean class accuracy": "mean_accuracy",
    "mean Dice": "mean_dice",
    BOUNDARY: "mean_boundary_iou",
    "frequency weighted IoU": "frequency_weighted_iou",
}
_PARTS = {"classes_in_miou", "classes", "confusion", "trimap", "calibration", "sizes", "image_scores", "warning"}


@dataclasses.dataclass(frozen=True, eq=False)
class Compared:
    """An evaluation among others.

    Attributes:
        name: what tells it from the others.
        scores: score by what a page calls it; nan where there is none.
        classes: of each class by its name, its numbers as the file calls them; nan where there is none.
        trimap: scores along borders, if any.
        calibration: how far probabilities can be trusted, if known.
        sizes: scores by object size.
        images: mIoU of each image by its name; nan where there is none. Of those that share a name the later ones are
            numbered: "a", "a (2)".
        facts: what else the file says: split, checkpoint, padding, ...
    """

    name: str
    scores: Mapping[str, float]
    classes: Mapping[str, Mapping[str, float]]
    trimap: TrimapCurve | None
    calibration: Calibration | None
    sizes: Sequence[SizeScore]
    images: Mapping[str, float]
    facts: Mapping[str, Any]


def read_scores(path: str, name: str) -> Compared:
    """Reads the JSON file of an evaluation; what an older one lacks is left out.

    Args:
        path: the file, `<split>_scores.json`.
        name: what tells it from the others.

    Raises:
        InputError: it is missing, damaged or no evaluation.
    """
    found = read_json(path, "an evaluation")
    try:
        return _compared(found, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is no evaluation ({error!r}); eval.py writes <split>_scores.json") from error


def _compared(found: Mapping[str, Any], name: str) -> Compared:
    classes = {
        str(row["name"]): {key: _number(value) for key, value in row.items() if key != "name"}
        for row in found["classes"]
    }
    trimap, calibration = found.get("trimap"), found.get("calibration")
    scores = {told: _number(found.get(key)) for told, key in SCORES.items()}
    scores[CALIBRATION] = _number(calibration["error"]) if calibration else math.nan
    return Compared(
        name=name,
        scores=scores,
        classes=classes,
        trimap=_trimap(trimap) if trimap else None,
        calibration=_calibration(calibration) if calibration else None,
        sizes=[
            SizeScore(**row | {key: _number(row[key]) for key in ("recall", "found")}) for row in found.get("sizes", ())
        ],
        images=_images(found.get("image_scores", ())),
        facts={key: value for key, value in found.items() if key not in _PARTS and key not in SCORES.values()},
    )


def _trimap(found: Mapping[str, Any]) -> TrimapCurve:
    curve = TrimapCurve(**_arrays(found) | {"widths": tuple(found["widths"])})
    _check_lengths("trimap", len(curve.widths), curve.miou, curve.pixel_accuracy)
    return curve


def _calibration(found: Mapping[str, Any]) -> Calibration:
    curve = Calibration(**_arrays(found))
    _check_lengths("calibration", len(curve.edges) - 1, curve.pixels, curve.confidence, curve.accuracy)
    return curve


def _check_lengths(what: str, length: int, *arrays: np.ndarray) -> None:
    lengths = [len(array) for array in arrays]
    if set(lengths) != {length}:
        raise ValueError(f"{what} needs lists of {length} values, and has some of {lengths}")


def _images(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    seen: dict[str, int] = collections.Counter()
    for row in rows:
        name = told = str(row["name"])
        while told in found:
            seen[name] += 1
            told = f"{name} ({seen[name] + 1})"
        found[told] = _number(row["miou"])
    return found


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as arrays, with nan in place of None."""
    return {
        key: np.array([_number(item) for item in value]) if isinstance(value, list) else value
        for key, value in values.items()
    }
