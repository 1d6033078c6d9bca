"""The bundled sample set as a user's folder would be: photographs, masks and lists as files."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.samples.sample_drawing import CLASS_NAMES, draw
from deeplab_tf2.pictures.palettes import default_colors

TRAIN_IMAGES = 1200
VAL_IMAGES = 60


def write_sample_set(
    folder: str,
    *,
    train_images: int = TRAIN_IMAGES,
    val_images: int = VAL_IMAGES,
    seed: int = 0,
    advance: Callable[[], object] = lambda: None,
) -> None:
    """Draws the sample set: images/, masks/, lists/train.txt, lists/val.txt and classes.txt.

    Every fifth image is a PNG, the others are JPEG; every third mask is a palette PNG, the others are grey.
    The lists come last, so that a set with lists is whole.

    Args:
        folder: folder for the set; made if missing.
        train_images: images of the split "train".
        val_images: images of the split "val".
        seed: equal seeds give equal sets.
        advance: called after every image.

    Raises:
        InputError: a number is not legal, or the folder cannot be written.
    """
    if train_images < 1 or val_images < 1:
        raise InputError(f"{train_images} training and {val_images} validation images; at least 1 each is needed")
    for name in ("images", "masks", "lists"):
        storage.make_folder(os.path.join(folder, name))
    names = [f"sample_{index:05d}" for index in range(train_images + val_images)]
    for index, name in enumerate(names):
        image, labels = draw(seed, index)
        extension, data = _encoded_image(image, index)
        _write(os.path.join(folder, "images", name + extension), data)
        _write(os.path.join(folder, "masks", name + ".png"), _encoded_mask(labels, index))
        advance()
    _write_lines(os.path.join(folder, "classes.txt"), CLASS_NAMES)
    _write_lines(os.path.join(folder, "lists", "train.txt"), names[:train_images])
    _write_lines(os.path.join(folder, "lists", "val.txt"), names[train_images:])


def _encoded_image(image: np.ndarray, index: int) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    if index % 5 == 4:
        Image.fromarray(image).save(buffer, "PNG")
        return ".png", buffer.getvalue()
    Image.fromarray(image).save(buffer, "JPEG", quality=90)
    return ".jpg", buffer.getvalue()


def _encoded_mask(labels: np.ndarray, index: int) -> bytes:
    mask = Image.fromarray(labels)
    if index % 3 == 2:
        colors = np.full((256, 3), 224, np.uint8)
        colors[: len(CLASS_NAMES)] = default_colors(len(CLASS_NAMES))
        mask.putpalette(colors.tobytes())
    buffer = io.BytesIO()
    mask.save(buffer, "PNG")
    return buffer.getvalue()


def _write_lines(path: str, lines: tuple[str, ...] | list[str]) -> None:
    _write(path, "".join(f"{line}\n" for line in lines).encode())


def _write(path: str, data: bytes) -> None:
    with storage.whole_file(path) as temporary, open(temporary, "wb") as file:
        file.write(data)
