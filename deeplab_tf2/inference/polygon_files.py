"""Labels as polygons for tools that edit or read them: labelme, one file an image, and COCO, one file for all."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.coco import BACKGROUND
from deeplab_tf2.data.files.outlines import Outline

# The version of labelme whose files these are.
_LABELME = "5.0.0"


def without_background(parts: Sequence[Outline], descriptor: Descriptor) -> list[Outline]:
    """The parts of labels that one draws: all but class 0 where it is called background."""
    first = descriptor.class_names[0] == BACKGROUND
    return [part for part in parts if part.label or not first]


def save_labelme(path: str, image: str, size: tuple[int, int], parts: Sequence[Outline], descriptor: Descriptor) -> str:
    """Writes a labelme file, whole or not at all, and returns `path`.

    Args:
        path: where to.
        image: path of the image file; the labelme file names it from its own folder on.
        size: (height, width) of the image in pixels.
        parts: what is drawn.
        descriptor: names of the classes.
    """
    shapes = [
        {
            "label": descriptor.class_names[part.label],
            "points": part.points.tolist(),
            "group_id": None,
            "shape_type": "polygon",
            "flags": {},
        }
        for part in parts
    ]
    file: dict[str, Any] = {
        "version": _LABELME,
        "flags": {},
        "shapes": shapes,
        "imagePath": os.path.relpath(image, os.path.dirname(path) or "."),
        "imageData": None,
        "imageHeight": size[0],
        "imageWidth": size[1],
    }
    return storage.write_whole(path, json.dumps(file).encode())


class CocoFile:
    """COCO instances of many images: on the disk as they come, there under `path` once it is closed.

    Args:
        path: where to.
        descriptor: names of the classes.
    """

    def __init__(self, path: str, descriptor: Descriptor) -> None:
        self._path, self._descriptor = path, descriptor
        self._images: list[dict[str, Any]] = []
        self._annotations = 0
        with storage.explained(path, "written"):
            # Without a name, so that nothing is left of it in any case.
            self._rows = tempfile.TemporaryFile("w+", encoding="utf-8", dir=os.path.dirname(path) or ".")  # noqa: SIM115

    def add(self, image: str, size: tuple[int, int], parts: Sequence[Outline]) -> None:
        """Adds an image of `size`, (height, width) in pixels, with what is drawn in it."""
        number = len(self._images) + 1
        self._images.append({"id": number, "file_name": image, "height": size[0], "width": size[1]})
        with storage.explained(self._path, "written"):
            for part in parts:
                self._rows.write(",\n" if self._annotations else "\n")
                self._annotations += 1
                row = {
                    "id": self._annotations,
                    "image_id": number,
                    "category_id": part.label,
                    "segmentation": [part.points.ravel().tolist()],
                    "area": part.area,
                    "bbox": list(part.box),
                    "iscrowd": 0,
                }
                self._rows.write(json.dumps(row))

    def close(self) -> str:
        """Puts the file in its place and returns its path."""
        first = int(self._descriptor.class_names[0] == BACKGROUND)
        categories = [
            {"id": label, "name": name} for label, name in enumerate(self._descriptor.class_names) if label >= first
        ]
        with storage.whole_file(self._path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write('{"annotations": [')
            self._rows.seek(0)
            shutil.copyfileobj(self._rows, file)
            file.write(f'],\n"images": {json.dumps(self._images)},\n"categories": {json.dumps(categories)}}}\n')
        self._rows.close()
        return self._path

    def abandon(self) -> None:
        """Forgets what was added; nothing once the file is closed."""
        self._rows.close()
