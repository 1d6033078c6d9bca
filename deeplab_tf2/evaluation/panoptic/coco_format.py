"""Panoptic results in the format of COCO: a JSON file, and a PNG per image whose colours number its segments."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError, read_json
from deeplab_tf2.data.files.images import naming, open_checked
from deeplab_tf2.evaluation.panoptic.breakdown import Category
from deeplab_tf2.evaluation.panoptic.overlaps import Overlaps, shared_areas

# Red, green and blue are the digits of a segment's number, the lowest first.
_DIGITS = np.array([1, 256, 256**2], np.uint32)
_BEYOND = 256**3


class Segment(NamedTuple):
    """A segment as the JSON file lists it; `id` is its number in the PNG file."""

    id: int
    category: int
    is_crowd: bool


@dataclasses.dataclass(frozen=True)
class Annotation:
    """The PNG file of an image, and the segments in it by growing id."""

    file_name: str
    segments: tuple[Segment, ...]


@dataclasses.dataclass(frozen=True)
class CocoResults:
    """A COCO-format panoptic file.

    Attributes:
        path: the JSON file.
        folder: folder of its PNG files.
        annotations: by id of the image.
        categories: what it says of categories; a file of predictions may say nothing.
    """

    path: str
    folder: str
    annotations: Mapping[int | str, Annotation]
    categories: Sequence[Category]


def read_results(path: str, folder: str | None = None) -> CocoResults:
    """Reads a COCO-format panoptic file.

    Args:
        path: the JSON file.
        folder: folder of its PNG files; unset: the path of the JSON file without its ending.

    Raises:
        InputError: it is none, or names files outside the folder; the message says what is wrong.
    """
    file, folder = read_json(path, "panoptic results"), folder or path.removesuffix(".json")
    try:
        annotations = {entry["image_id"]: _annotation(entry) for entry in file["annotations"]}
        categories = [Category(int(row["id"]), row["name"], bool(row["isthing"])) for row in file.get("categories", ())]
        entries = len(file["annotations"])
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path} is no panoptic file of COCO: {type(error).__name__} {error}. It needs annotations with image_id, "
            "file_name and segments_info (id, category_id), and categories with id, name and isthing"
        ) from error
    if len(annotations) < entries:
        raise InputError(f"{path} has {entries} annotations of {len(annotations)} images: one of each is needed")
    for annotation in annotations.values():
        _check_name(path, folder, annotation.file_name)
        _check_ids(path, annotation)
    return CocoResults(path, folder, annotations, categories)


def _annotation(entry: Mapping[str, Any]) -> Annotation:
    rows = entry["segments_info"]
    segments = (Segment(int(row["id"]), int(row["category_id"]), bool(row.get("iscrowd"))) for row in rows)
    return Annotation(str(entry["file_name"]), tuple(sorted(segments)))


def _check_name(path: str, folder: str, name: str) -> None:
    """Refuses the name of a file outside the folder."""
    # Windows has slashes of both kinds, and drives.
    plain = pathlib.PureWindowsPath(name)
    if plain.anchor or ".." in plain.parts or storage.is_remote(name):
        raise InputError(f"{path} has the file_name {name}, which leads out of {folder}: write names inside it")


def _check_ids(path: str, annotation: Annotation) -> None:
    """Refuses segments of one image that share a number, or have one that no colour says."""
    ids = [segment.id for segment in annotation.segments]
    if len(set(ids)) < len(ids) or min(ids, default=0) < 0 or max(ids, default=0) >= _BEYOND:
        raise InputError(
            f"{path}: segments of {annotation.file_name} have the ids {ids}; each needs one of its own, of "
            f"0..{_BEYOND - 1}"
        )


def pairs(truth: CocoResults, predicted: CocoResults) -> Iterator[tuple[Annotation, Annotation]]:
    """The annotations of each image of the truth, and those of its prediction.

    Raises:
        InputError: an image has no prediction.
    """
    missing = [image for image in truth.annotations if image not in predicted.annotations]
    if missing:
        raise InputError(
            f"{predicted.path} has no prediction for {len(missing)} of {len(truth.annotations)} images, for example "
            f"image_id {missing[0]} ({truth.annotations[missing[0]].file_name}): every image of the truth needs one"
        )
    for image, annotation in truth.annotations.items():
        yield annotation, predicted.annotations[image]


def read_overlaps(
    truth: CocoResults, predicted: CocoResults, pair: tuple[Annotation, Annotation], ignored_label: int
) -> Overlaps:
    """Reads the two PNG files of an image and lays one over the other.

    Pixels of the truth that are in no listed segment are void; crowds are ignored, each a segment of its own.

    Raises:
        InputError: a file cannot be read, they differ in size, or one has other segments than are listed.
    """
    true_segments, rows, size = _read(truth.folder, pair[0], ignored_label, is_truth=True)
    found_segments, columns, found_size = _read(predicted.folder, pair[1], ignored_label, is_truth=False)
    if size != found_size:
        raise InputError(f"{pair[1].file_name} in {predicted.folder} is {found_size}, its truth {size} (height, width)")
    areas = shared_areas(rows, columns, len(true_segments), len(found_segments))
    # What is listed and has no pixel is no segment.
    seen, found = areas.any(1), areas.any(0)
    return Overlaps(true_segments[seen], found_segments[found], areas[seen][:, found])


def _read(
    folder: str, annotation: Annotation, ignored_label: int, is_truth: bool
) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Segments [listed + 1, 2], the last void; the place of each pixel's among them [pixels]; height and width."""
    path = storage.join(folder, annotation.file_name)
    with naming(path):
        ids = np.asarray(open_checked(storage.read(path)).convert("RGB")) @ _DIGITS
    listed = annotation.segments
    # What is not listed finds its place before a number that no pixel has.
    numbers = np.array([*(segment.id for segment in listed), _BEYOND], np.uint32)
    places = np.searchsorted(numbers, ids)
    places[numbers[places] != ids] = len(listed)
    stray = ids[(places == len(listed)) & (ids != 0)]
    if stray.size and not is_truth:
        raise InputError(f"{path} has pixels of segment {stray[0]}, which segments_info does not list")
    if listed and (places == len(listed)).all():
        raise InputError(
            f"{path} has no pixel of its segments, {[segment.id for segment in listed]}: its first pixel says "
            f"{ids.flat[0]}. Red + 256 green + 65536 blue is the number of a segment: save the file in colour"
        )
    return _segments(listed, ignored_label, is_truth), places.ravel(), ids.shape


def _segments(listed: Sequence[Segment], ignored_label: int, is_truth: bool) -> np.ndarray:
    """(category, instance) of each listed segment and of void."""
    categories = [ignored_label if is_truth and segment.is_crowd else segment.category for segment in listed]
    return np.array([*zip(categories, range(1, len(listed) + 1), strict=True), (ignored_label, 0)], np.int64)
