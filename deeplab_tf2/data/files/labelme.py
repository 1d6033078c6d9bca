"""Masks from the polygons of labelme: one JSON file an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.annotations import ShapeClasses, canvas_size, parse
from deeplab_tf2.data.files.masks import EncodedMask, MaskSource, pack, scaled
from deeplab_tf2.data.files.polygons import paint, points

EXTENSION = ".json"

_CORNERS_OF_A_CIRCLE = 256


class LabelmeReader:
    """Draws the shapes of labelme files, as a `MaskSource`: later shapes over earlier ones.

    Args:
        classes: the labels of shapes by their names.
        resize: whether a mask may be scaled to its image where the file tells of another size.
        others: where masks come from that are no labelme files; None: there are none.
    """

    def __init__(self, classes: ShapeClasses, resize: bool = False, others: MaskSource | None = None) -> None:
        self._classes, self._resize, self._others = classes, resize, others

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of every pixel, uint8 [height, width], as `MaskSource` has it."""
        if self._others and not mask.lower().endswith(EXTENSION):
            return self._others.labels(mask, size)
        with images.naming(mask):
            file = parse(storage.read(mask))
            canvas = np.zeros(
                canvas_size((file.get("imageHeight"), file.get("imageWidth")), size, self._resize), np.uint8
            )
            shapes = _shapes(file)
            for number, (shape, label) in enumerate(
                zip(shapes, self._classes.labels(map(_name, shapes)), strict=True), 1
            ):
                try:
                    paint(canvas, _outline(shape), label)
                except InputError as error:
                    raise InputError(f"shape {number} ({_name(shape)[:60]}): {error}") from error
        return canvas if canvas.shape == size else scaled(canvas, size)

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """The same, fit for a record."""
        if self._others and not mask.lower().endswith(EXTENSION):
            return self._others.encoded(mask, size)
        return pack(self.labels(mask, size))


def _shapes(file: dict[str, Any]) -> list[dict[str, Any]]:
    shapes = file.get("shapes")
    if not isinstance(shapes, list):
        raise InputError('has no list of "shapes", as labelme files have')
    for number, shape in enumerate(shapes, 1):
        if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
            raise InputError(f'shape {number} has no "label"')
    return shapes


def _name(shape: dict[str, Any]) -> str:
    return str(shape["label"]).strip()


def _outline(shape: dict[str, Any]) -> np.ndarray:
    """The corners of a shape, float64 [points, 2]."""
    kind, found = shape.get("shape_type") or "polygon", points(shape.get("points"))
    if kind == "rectangle" and len(found) == 2:
        (left, top), (right, bottom) = found
        return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    if kind == "circle" and len(found) == 2:
        angles = np.linspace(0, 2 * np.pi, _CORNERS_OF_A_CIRCLE, endpoint=False)
        radius = np.hypot(*(found[1] - found[0]))
        return found[0] + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    if kind in ("polygon", "rectangle", "oriented_rectangle") and len(found) > 2:
        return found
    raise InputError(f"{str(kind)[:30]} of {len(found)} points has no area; legal are polygon, rectangle and circle")
