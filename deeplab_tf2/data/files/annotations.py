"""What files of polygons have in common: strict JSON, classes by their names, and sizes."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterable, Sequence
from typing import Any

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.masks import same_shape, size_complaint

# What the tools of labelme call pixels without a class, and what lies in no shape.
_IGNORED, _BACKGROUND = "__ignore__", "_background_"


def parse(data: bytes) -> dict[str, Any]:
    """The object that a JSON file holds.

    Raises:
        InputError: it holds none; the message does not name the file.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON file that can be read ({str(error)[:100]})") from error
    if not isinstance(found, dict):
        raise InputError("holds no JSON object; legal are labelme files and COCO instances")
    return found


class ShapeClasses:
    """The labels of shapes, by the names that they bear.

    Args:
        class_names: one name per class; what lies in no shape is the first.
        ignore_label: label without loss and metric.
        ignored: names of shapes that become the ignore label.

    Attributes:
        names: the names of the classes.
        ignore_label: as given.
    """

    def __init__(self, class_names: Sequence[str], ignore_label: int, ignored: Iterable[str] = ()) -> None:
        self.names = tuple(class_names)
        self.ignore_label = ignore_label
        self._labels = {_BACKGROUND: 0, **dict.fromkeys((_IGNORED, *filter(None, ignored)), ignore_label)}
        self._labels.update({name: label for label, name in enumerate(class_names)})

    def labels(self, names: Iterable[str]) -> list[int]:
        """The label of each name.

        Raises:
            InputError: names are no class; the message lists them with their counts.
        """
        given = list(names)
        unknown = collections.Counter(name for name in given if name not in self._labels)
        if unknown:
            shown = ", ".join(f"{name[:60]!r} ({count} shapes)" for name, count in unknown.most_common(8))
            more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
            raise InputError(
                f"no class is called {shown}{more}; classes are {', '.join(self.names[:30])}: add them to"
                ' --class_names, or to a --label_map, with "ignore" where they belong to no class'
            )
        return [self._labels[name] for name in given]


def canvas_size(declared: tuple[Any, Any], size: tuple[int, int], resize: bool) -> tuple[int, int]:
    """The (height, width) in which shapes are drawn, in pixels.

    Args:
        declared: what the file says of its image; (None, None) if it does not.
        size: that of the image.
        resize: whether the mask may be scaled to the image.

    Raises:
        InputError: the file tells of another image.
    """
    if declared == (None, None):
        return size
    height, width = declared
    if not all(isinstance(side, int) and not isinstance(side, bool) and side > 0 for side in declared):
        raise InputError(f"says that its image has {str(width)[:20]} x {str(height)[:20]} pixels")
    fits = resize and height * width <= images.PIXEL_LIMIT and same_shape((height, width), size)
    if (height, width) != size and not fits:
        raise InputError(size_complaint((height, width), size))
    return height, width
