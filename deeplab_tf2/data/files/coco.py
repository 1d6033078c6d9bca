"""Masks from COCO instances: one JSON file for all images, with polygons and runs."""

from __future__ import annotations

import dataclasses
import functools
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.annotations import ShapeClasses, canvas_size, parse
from deeplab_tf2.data.files.masks import EncodedMask, pack, scaled
from deeplab_tf2.data.files.polygons import paint, points
from deeplab_tf2.data.files.run_length import filled, run_area

BACKGROUND = "background"


@dataclasses.dataclass(frozen=True)
class Instances:
    """What an instances file holds.

    Attributes:
        path: the file.
        categories: id -> name.
        images: id -> its entry.
        annotations: id of an image -> its annotations.
    """

    path: str
    categories: Mapping[int, str]
    images: Mapping[int, dict[str, Any]]
    annotations: Mapping[int, list[dict[str, Any]]]

    @property
    def class_names(self) -> tuple[str, ...]:
        """ "background", and the categories in the order of their ids."""
        names = [self.categories[key] for key in sorted(self.categories)]
        return tuple(dict.fromkeys((BACKGROUND, *names)))


@functools.lru_cache(1)
def read_instances(path: str) -> Instances:
    """Reads an instances file.

    Raises:
        InputError: it is none; the message names it and the entry.
    """
    with images.naming(path):
        file = parse(storage.read(path))
        categories = {_id(row): _text(row, "name") for row in _rows(file, "categories")}
        pictures: dict[int, dict[str, Any]] = {}
        names: set[str] = set()
        for row in _rows(file, "images"):
            name = _text(row, "file_name")
            if name in names or _id(row) in pictures:
                raise InputError(f"two images are called {name[:100]} or have its id")
            names.add(name)
            pictures[_id(row)] = row
        annotations: dict[int, list[dict[str, Any]]] = {key: [] for key in pictures}
        for row in _rows(file, "annotations"):
            of = [row.get(key) for key in ("image_id", "category_id")]
            if not all(isinstance(key, int) for key in of) or of[0] not in pictures or of[1] not in categories:
                raise InputError(f"annotation {_id_text(row)} is of no image or category of the file")
            annotations[row["image_id"]].append(row)
    return Instances(path, categories, pictures, annotations)


def _rows(file: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    rows = file.get(key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f'has no list of "{key}", as COCO instances have')
    yield from rows


def _id(row: dict[str, Any]) -> int:
    if not isinstance(row.get("id"), int):
        raise InputError(f"an image or category has the id {_id_text(row)}; legal are whole numbers")
    return int(row["id"])


def _id_text(row: dict[str, Any]) -> str:
    return repr(row.get("id"))[:20]


def _text(row: dict[str, Any], key: str) -> str:
    if not isinstance(row.get(key), str) or not row[key].strip():
        raise InputError(f'{str(row)[:60]}: "{key}" must be text')
    return str(row[key]).strip()


class CocoReader:
    """Draws the annotations of images, as a `MaskSource`: small ones over large ones, and all over crowds.

    What lies in none is the first class, or ignored where that is a category itself.

    Args:
        instances: the file.
        classes: the labels of categories by their names.
        resize: whether a mask may be scaled to its image where the file tells of another size.

    Raises:
        InputError: categories that occur are no class.
    """

    def __init__(self, instances: Instances, classes: ShapeClasses, resize: bool = False) -> None:
        self._instances, self._classes, self._resize = instances, classes, resize
        used = [row["category_id"] for rows in instances.annotations.values() for row in rows]
        with images.naming(instances.path):
            classes.labels(instances.categories[key] for key in used)
        # A category is drawn: what lies in no annotation is none.
        first = classes.names[0]
        drawn = first != BACKGROUND and first in instances.categories.values()
        self._empty = classes.ignore_label if drawn else 0

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of every pixel, uint8 [height, width], as `MaskSource` has it; `mask` is what `CocoMasks` says."""
        key = int(mask.rpartition("#")[2])
        picture = self._instances.images[key]
        with images.naming(f"{self._instances.path}: {picture['file_name']}"):
            declared = (picture.get("height"), picture.get("width"))
            canvas = np.full(canvas_size(declared, size, self._resize), self._empty, np.uint8)
            for row in sorted(self._instances.annotations[key], key=_drawn_first):
                with images.naming(f"annotation {_id_text(row)}"):
                    self._draw(canvas, row)
        return canvas if canvas.shape == size else scaled(canvas, size)

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """The same, fit for a record."""
        return pack(self.labels(mask, size))

    def _draw(self, canvas: np.ndarray, row: dict[str, Any]) -> None:
        (label,) = self._classes.labels([self._instances.categories[row["category_id"]]])
        label = self._classes.ignore_label if row.get("iscrowd") else label
        runs = row.get("segmentation")
        if isinstance(runs, dict):
            size = (canvas.shape[0], canvas.shape[1])
            if runs.get("size") != list(size):
                raise InputError(f"its runs are of size {str(runs.get('size'))[:40]}, the image of {list(size)}")
            canvas[filled(runs.get("counts"), size)] = label
            return
        for outline in _outlines(row):
            paint(canvas, outline, label)


def _outlines(row: dict[str, Any]) -> list[np.ndarray]:
    parts = row.get("segmentation")
    if not isinstance(parts, list) or not parts:
        raise InputError("it has no segmentation (a box only?)")
    if not all(isinstance(part, list) and len(part) >= 6 and len(part) % 2 == 0 for part in parts):
        raise InputError("a polygon is a list of x, y, x, y, ... of at least three points")
    return [points([part[start : start + 2] for start in range(0, len(part), 2)]) for part in parts]


def _drawn_first(row: dict[str, Any]) -> tuple[bool, float]:
    """Crowds come first, and of the others the large ones."""
    with images.naming(f"annotation {_id_text(row)}"):
        runs = row.get("segmentation")
        area = run_area(runs.get("counts")) if isinstance(runs, dict) else sum(map(_area, _outlines(row)))
        return not row.get("iscrowd"), -area


def _area(outline: np.ndarray) -> float:
    x, y = outline.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


class CocoMasks:
    """The masks of an instances file by the names of their images, as `lists.pair_files` looks for them.

    Args:
        instances: the file.
        suffix: what the names of images end in before the extension.
    """

    def __init__(self, instances: Instances, suffix: str = "") -> None:
        self.path, self.root, self.nameless = instances.path, "", list[str]()
        self._keys: dict[str, int] = {}
        last_names: dict[str, list[str]] = {}
        for key, picture in instances.images.items():
            file = picture["file_name"].replace("\\", "/")
            stem = posixpath.splitext(file)[0].removesuffix(suffix)
            self._keys[stem] = key
            last_names.setdefault(posixpath.basename(stem), []).append(stem)
        self._only = {name: stems[0] for name, stems in last_names.items() if len(stems) == 1}

    def masks(self, stem: str) -> list[str]:
        """The entry of the image called `stem`; by its last name alone where no other entry has it."""
        found = stem if stem in self._keys else self._only.get(posixpath.basename(stem))
        return [] if found is None else [found]

    def stems(self) -> dict[str, list[str]]:
        """Stem -> its entry."""
        return {stem: [stem] for stem in self._keys}

    def stem(self, file: str) -> str:
        """The name of an entry."""
        return file

    def full(self, file: str) -> str:
        """What `CocoReader` knows an entry by."""
        return f"{self.path}#{self._keys[file]}"

    def is_same(self, file: str, path: str) -> bool:
        """No entry is an image."""
        return False

    def expected(self, stem: str) -> str:
        """What one looks for as the mask of the image called `stem`."""
        return f"image {stem}"

    def find_mask(self, name: str, where: str) -> str | None:
        """The entry that a list means by `name`."""
        return next(iter(self.masks(posixpath.splitext(name)[0])), None)

    def hint(self, name: str) -> str:
        """What may be meant by a name that was not found: nothing is known."""
        return ""

    def notes(self) -> Iterator[str]:
        """What was done to make names fit: nothing."""
        yield from ()
