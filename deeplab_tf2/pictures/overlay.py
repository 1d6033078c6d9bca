"""Labels as colours, laid over photographs, stored whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.pictures.legend import with_legend
from deeplab_tf2.pictures.palettes import Color

__all__ = ["IGNORED", "blend", "colorize", "save_png", "with_legend"]

IGNORED: Color = (224, 224, 192)
# Levels of compression: photographs take a third of the time for 7 % more bytes.
_QUICK, _SMALL = 3, 6


def colorize(
    labels: np.ndarray, colors: Sequence[Sequence[int]] | np.ndarray, ignore_label: int | None = None
) -> np.ndarray:
    """Paints every label in its colour.

    Args:
        labels: integers [height, width].
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: label that is no class; its pixels become a pale cream.

    Returns:
        uint8 [height, width, 3].

    Raises:
        InputError: a label is no class and not the ignore label, or `labels` is not [height, width].
    """
    labels = np.asarray(labels)
    table = np.asarray(colors, np.uint8)
    if labels.ndim != 2:
        raise InputError(f"labels must be [height, width]; found the shape {list(labels.shape)}")
    ignored = np.zeros(labels.shape, bool) if ignore_label is None else labels == ignore_label
    strange = labels[((labels < 0) | (labels >= len(table))) & ~ignored]
    if strange.size:
        raise InputError(
            f"label {strange[0]} has no colour: {len(table)} colours are for the labels 0..{len(table) - 1}"
            + ("" if ignore_label is None else f" ({ignore_label} is ignored)")
        )
    painted = table[np.where(ignored, 0, labels)]
    painted[ignored] = IGNORED
    return painted


def blend(
    image: np.ndarray,
    labels: np.ndarray,
    colors: Sequence[Sequence[int]] | np.ndarray,
    ignore_label: int | None = None,
    opacity: float = 0.5,
) -> np.ndarray:
    """Lays the colours of the labels over a photograph; ignored pixels show the photograph alone.

    Args:
        image: uint8 [height, width, 3].
        labels: integers [height, width].
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: label that is no class.
        opacity: 0 shows the photograph, 1 the colours.

    Returns:
        uint8 [height, width, 3].

    Raises:
        InputError: image and labels differ in size, or a label has no colour.
    """
    painted = colorize(labels, colors, ignore_label)
    if image.shape != painted.shape:
        raise InputError(
            f"image {list(image.shape)} and labels {list(np.shape(labels))} do not match: "
            "an RGB image [height, width, 3] and labels [height, width] of the same size are needed"
        )
    mixed = (image * np.float32(1 - opacity) + painted * np.float32(opacity) + np.float32(0.5)).astype(np.uint8)
    if ignore_label is not None:
        mixed = np.where((np.asarray(labels) == ignore_label)[..., None], image, mixed)
    return mixed


def save_png(path: str | os.PathLike[str], picture: np.ndarray | Image.Image) -> str:
    """Writes a picture as PNG so that `path` is whole at every moment, and returns `path`.

    Args:
        path: where to; its folder must exist.
        picture: a Pillow image, uint8 [height, width, 3], or labels [height, width], which are stored as grey
            values (8 bits, or 16 bits when a label exceeds 255).

    Raises:
        InputError: it cannot be written, or a PNG cannot hold such numbers.
    """
    path = os.fspath(path)
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(_storable(picture))
    with storage.whole_file(path) as temporary:
        image.save(temporary, format="PNG", compress_level=_QUICK if image.mode in ("RGB", "RGBA") else _SMALL)
    return path


def _storable(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if array.ndim != 2 or array.dtype.kind not in "iu" or array.min() < 0 or array.max() > 65535:
        raise InputError(f"a PNG holds uint8 pictures, or labels of 0..65535; found {array.dtype} {list(array.shape)}")
    return array.astype(np.uint8 if array.max() <= 255 else np.uint16)
