"""Files with predicted numbers: what they are called, and what they hold."""

from __future__ import annotations

import os
import re

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.images import naming, open_checked
from deeplab_tf2.data.files.mask_files import is_lossy, stored_values, upright
from deeplab_tf2.data.public.class_tables import CITYSCAPES_IDS

# Values of a file -> the number of each class there. Cityscapes records number the classes for training; the benchmark
# wants its own numbers.
IDS = {"classes": None, "cityscapes": np.array(CITYSCAPES_IDS)}
# What the name of an image may end with, and that of its prediction does not.
ENDING = re.compile(r"\.(jpe?g|png|tiff?)$", re.IGNORECASE)


def raw_ids(dataset: str, num_classes: int) -> np.ndarray | None:
    """The number of each class in raw predictions for a dataset; None for the class itself."""
    ids = IDS.get(dataset)
    return ids if ids is not None and len(ids) == num_classes else None


def raw_name(name: str, index: int, taken: set[str]) -> str:
    """The name of the file for an image.

    Args:
        name: name of the image.
        index: its place in the data set, from 0 on.
        taken: the names of the images before it, without folders; gets that of this one.
    """
    stem = os.path.basename(name) or f"{index:06d}"
    # Two folders may hold images of the same name: no prediction may replace another.
    if stem in taken:
        stem = f"{stem}_{index:06d}"
    taken.add(stem)
    return f"{stem}.png"


def read_raw(
    path: str, truth: np.ndarray, num_classes: int, ignore_label: int, ids: np.ndarray | None = None
) -> np.ndarray:
    """The predicted classes in a file.

    Args:
        path: an image file whose pixels are numbers: grey or with a palette.
        truth: true labels of the image, integers [height, width].
        num_classes: number of classes.
        ignore_label: true label of pixels that may hold any number.
        ids: the number of each class; None for the class itself.

    Returns:
        int32 [height, width]; the ignore label where a number stands for no class.

    Raises:
        InputError: the file cannot be read, has another size, or other numbers.
    """
    with naming(path):
        values = _values(storage.read(path))
    if values.shape != truth.shape:
        sizes = [f"{width} x {height}" for height, width in (values.shape, truth.shape)]
        raise InputError(
            f"{path} has {sizes[0]} pixels, its image {sizes[1]}: predictions are scored at the size of the images in "
            "the records"
        )
    legal = np.arange(num_classes) if ids is None else ids
    classes = np.full(1 << 16, ignore_label, np.int32)
    classes[legal] = np.arange(len(legal))
    strange = np.setdiff1d(values[truth != ignore_label], legal)
    if strange.size:
        listed = f"0..{num_classes - 1}" if ids is None else ", ".join(map(str, ids))
        raise InputError(
            f"{path} holds {', '.join(map(str, strange[:8]))}, which stand for no class; legal are {listed} "
            "(--prediction_ids says what numbers are)"
        )
    return classes[values]


def _values(data: bytes) -> np.ndarray:
    image = open_checked(data)
    if is_lossy(image, data):
        raise InputError(f"this is a {image.format} file, whose compression changes numbers: save predictions as PNG")
    return upright(stored_values(image, data), image, data)
