"""Panoptic results in the format of COCO: a JSON file, and a PNG per image whose colours number its segments."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError, read_json
from deeplab_tf2.data.files.images import naming, open_checked
from deeplab_tf2.evaluation.panoptic.breakdown import Category
from deeplab_tf2.evaluation.panoptic.overlaps import Overlaps, shared_areas

# Red, green and blue are the digits of a segment's number, the lowest first.
_DIGITS = np.array([1, 256, 256**2], np.uint32)


@dataclasses.dataclass(frozen=True)
class CocoResults:
    """A COCO-format panoptic file.

    Attributes:
        path: the JSON file.
        folder: folder of its PNG files.
        annotations: id of an image -> {"file_name", "segments_info"}.
        categories: what it says of categories; a file of predictions may say nothing.
    """

    path: str
    folder: str
    annotations: Mapping[Any, Mapping[str, Any]]
    categories: Sequence[Category]


def read_results(path: str, folder: str | None = None) -> CocoResults:
    """Reads a COCO-format panoptic file.

    Args:
        path: the JSON file.
        folder: folder of its PNG files; unset: the path of the JSON file without its ending.

    Raises:
        InputError: it is none; the message says what it lacks.
    """
    file = read_json(path, "panoptic results")
    try:
        annotations = {entry["image_id"]: _checked(entry) for entry in file["annotations"]}
        categories = [
            Category(int(row["id"]), str(row["name"]), bool(row["isthing"])) for row in file.get("categories", ())
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is no panoptic file of COCO: {type(error).__name__} {error}. It needs annotations with image_id, "
            "file_name and segments_info (id, category_id), and categories with id, name and isthing"
        ) from error
    return CocoResults(path, folder or path.removesuffix(".json"), annotations, categories)


def _checked(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    segments = [(int(row["id"]), int(row["category_id"])) for row in entry["segments_info"]]
    if len(dict(segments)) < len(segments):
        raise InputError(f"two segments of {entry['file_name']} have one id")
    return entry


def pairs(truth: CocoResults, predicted: CocoResults) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The annotations of each image of the truth, and those of its prediction.

    Raises:
        InputError: an image has no prediction.
    """
    missing = [image for image in truth.annotations if image not in predicted.annotations]
    if missing:
        raise InputError(
            f"{predicted.path} has no prediction for {len(missing)} of {len(truth.annotations)} images, for example "
            f"image_id {missing[0]} ({truth.annotations[missing[0]]['file_name']}): every image of the truth needs one"
        )
    for image, entry in truth.annotations.items():
        yield entry, predicted.annotations[image]


def read_overlaps(
    truth: CocoResults, predicted: CocoResults, pair: tuple[Mapping[str, Any], Mapping[str, Any]], ignored_label: int
) -> Overlaps:
    """Reads the two PNG files of an image and lays one over the other.

    Pixels of the truth that are in no listed segment are void; crowds are ignored, each a segment of its own.

    Raises:
        InputError: a file cannot be read, they differ in size, or the prediction has a segment that is not listed.
    """
    true_segments, rows, size = _read(truth.folder, pair[0], ignored_label, is_truth=True)
    found_segments, columns, found_size = _read(predicted.folder, pair[1], ignored_label, is_truth=False)
    if size != found_size:
        raise InputError(
            f"{pair[1]['file_name']} in {predicted.folder} is {found_size}, its truth {size} (height, width)"
        )
    areas = shared_areas(rows, columns, len(true_segments), len(found_segments))
    # What is listed and has no pixel is no segment.
    seen, found = areas.any(1), areas.any(0)
    return Overlaps(true_segments[seen], found_segments[found], areas[seen][:, found])


def _read(
    folder: str, entry: Mapping[str, Any], ignored_label: int, is_truth: bool
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Segments [listed + 1, 2], the last void; the place of each pixel's among them [pixels]; height and width."""
    path = storage.join(folder, entry["file_name"])
    with naming(path):
        ids = np.asarray(open_checked(storage.read(path)).convert("RGB")) @ _DIGITS
    listed = sorted(entry["segments_info"], key=lambda row: int(row["id"]))
    # Above all that three digits can say stands what is not listed.
    numbers = np.array([*(int(row["id"]) for row in listed), 256**3], np.uint32)
    places = np.searchsorted(numbers, ids)
    places[numbers[places] != ids] = len(listed)
    stray = ids[(places == len(listed)) & (ids != 0)]
    if stray.size and not is_truth:
        raise InputError(f"{path} has pixels of segment {stray[0]}, which segments_info does not list")
    return _segments(listed, ignored_label, is_truth), places.ravel(), ids.shape


def _segments(listed: Sequence[Mapping[str, Any]], ignored_label: int, is_truth: bool) -> np.ndarray:
    """(category, instance) of each listed segment and of void."""
    categories = [ignored_label if is_truth and row.get("iscrowd") else int(row["category_id"]) for row in listed]
    return np.array([*zip(categories, range(1, len(listed) + 1), strict=True), (ignored_label, 0)], np.int64)
