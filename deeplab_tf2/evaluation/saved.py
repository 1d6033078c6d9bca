"""Predictions that were saved as PNG files, beside the truth of the records they were made for."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.confusion import UNLABELLED
from deeplab_tf2.evaluation.raw_files import ENDING, raw_name, read_raw
from deeplab_tf2.evaluation.visualise import Example, examples


def saved_examples(
    dataset: Iterable[dict[str, Any]], folder: str, descriptor: Descriptor, ids: np.ndarray | None = None
) -> Iterator[Example]:
    """The images of a data set with the predictions in a folder.

    Args:
        dataset: see `visualise.examples`.
        folder: holds `<image name>.png` for each image, as vis.py and predict.py write them, with or without the folder
            and the ending of the name.
        descriptor: descriptor of the data set.
        ids: what the files hold in place of each class; None for the class itself.

    Raises:
        InputError: an image has no prediction of its own, or one of another size, or it cannot be read.
    """
    if not storage.is_folder(folder):
        raise InputError(f"there is no folder {folder}: --prediction_dir is where the PNG files of predictions lie")
    taken: set[str] = set()
    image_of: dict[str, str] = {}
    for index, example in enumerate(examples(_nothing, dataset)):
        path = _found(folder, example.name, raw_name(example.name, index, taken))
        if path in image_of:
            raise InputError(
                f"{path} would be the prediction for two images, {image_of[path]!r} and {example.name!r}: put the "
                "files into folders of the same names as the images'"
            )
        image_of[path] = example.name
        if example.truth is None:
            raise InputError(UNLABELLED)
        labels = read_raw(path, example.truth, descriptor.num_classes, descriptor.ignore_label, ids)
        yield dataclasses.replace(example, labels=labels)


def _nothing(images: np.ndarray) -> np.ndarray:
    return np.zeros(images.shape[:3], np.int32)


def _found(folder: str, name: str, raw: str) -> str:
    stem = ENDING.sub("", name)
    bare = os.path.basename(stem)
    # Names are paths in some records; what lies outside of the folder is no prediction.
    kept = [] if os.path.isabs(name) or ".." in name.split("/") else [f"{name}.png", f"{stem}.png"]
    candidates = dict.fromkeys([*kept[:1], raw, *kept[1:], f"{bare}.png", f"{bare}_mask.png"])
    for candidate in candidates:
        path = storage.join(folder, candidate)
        if storage.is_file(path):
            return path
    held = storage.names(folder)
    raise InputError(
        f"{folder} has no prediction for the image {name!r}: looked for {', '.join(candidates)}; it holds "
        + (", ".join(held[:5]) + ", ..." * (len(held) > 5) if held else "nothing")
    )
