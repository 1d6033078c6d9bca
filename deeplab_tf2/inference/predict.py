"""Segmenting one photograph."""

from __future__ import annotations

import dataclasses
import os
from typing import Any, Protocol

import keras
import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import NO_RESIZING, InputError, Resizing
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.decoding import Decoding
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.inference.graph import traced
from deeplab_tf2.pictures.overlay import blend, with_legend
from deeplab_tf2.pictures.palettes import default_colors
from deeplab_tf2.pictures.viewable import viewable

ImageLike = str | os.PathLike[str] | np.ndarray
_PALETTE_SIZE = 256


@dataclasses.dataclass(frozen=True, eq=False)
class Segmentation:
    """A photograph and what a network sees in it.

    Attributes:
        image: uint8 [height, width, 3]: the photograph, or for other channels a picture of it.
        labels: int32 [height, width].
        probabilities: float32 [height, width, classes].
        descriptor: names and colours of the classes.
    """

    image: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    descriptor: Descriptor

    @property
    def shares(self) -> np.ndarray:
        """Fraction of the pixels of each class, float64 [classes]."""
        return np.bincount(self.labels.ravel(), minlength=self.descriptor.num_classes) / self.labels.size

    @property
    def overlay(self) -> Image.Image:
        """The classes in colour over the photograph, with a legend of those that occur."""
        colors = self.descriptor.colors
        return with_legend(
            blend(self.image, self.labels, colors), self.descriptor.class_names, colors, self.shares.tolist()
        )

    @property
    def mask(self) -> Image.Image:
        """The labels as an image: a palette shows the colours, the pixel values are the class numbers.

        Beyond 256 classes, where palettes end, a grey image of 16 bits.
        """
        if self.descriptor.num_classes > _PALETTE_SIZE:
            return Image.fromarray(self.labels.astype(np.uint16))
        image = Image.fromarray(self.labels.astype(np.uint8))
        image.putpalette(np.array(self.descriptor.colors, np.uint8).tobytes())
        return image


class Predictor(Protocol):
    """What `load` gives for a run as for an export."""

    @property
    def descriptor(self) -> Descriptor:
        """Names and colours of the classes."""

    def predict(self, image: ImageLike) -> Segmentation:
        """Segments a file, or pixels as `pixels_of` takes them."""


def segment(model: keras.Model | Predictor, image: ImageLike, descriptor: Descriptor | None = None) -> Segmentation:
    """Segments a photograph of any size.

    Args:
        model: a `DeepLab`, or what `load` returned.
        image: path of an image file, or its pixels, see `pixels_of`.
        descriptor: names and colours of the classes; unset: the run's or export's, or else "class 0", ... .

    Raises:
        InputError: the file is no readable image, the array is no image, or the descriptor has other classes.
    """
    if isinstance(model, keras.Model):
        return segment_with(model, image, descriptor)
    found = model.predict(image)
    return found if descriptor is None else dataclasses.replace(found, descriptor=descriptor)


def segment_with(
    model: keras.Model,
    image: ImageLike,
    descriptor: Descriptor | None = None,
    resizing: Resizing = NO_RESIZING,
) -> Segmentation:
    """`segment` for a network, with the resizing that belongs to it."""
    pixels = pixels_of(image, model.config.input_channels)
    outputs = traced(model, resizing)(pixels[np.newaxis])
    return first_of(outputs, pixels, describe(model, descriptor))


def first_of(outputs: dict[str, Any], pixels: np.ndarray, descriptor: Descriptor) -> Segmentation:
    """What a graph said about the first image of its batch."""
    return Segmentation(
        image=viewable(pixels),
        labels=outputs["labels"].numpy()[0],
        probabilities=outputs["probabilities"].numpy()[0],
        descriptor=descriptor,
    )


def describe(model: keras.Model, descriptor: Descriptor | None) -> Descriptor:
    """The descriptor, or plain names and colours when there is none.

    Raises:
        InputError: it has another number of classes or of channels than the network.
    """
    count, channels = model.config.num_classes, model.config.input_channels
    if descriptor is None:
        names = tuple(f"class {label}" for label in range(count))
        return Descriptor("unnamed", names, default_colors(count), input_channels=channels)
    if descriptor.num_classes != count:
        raise InputError(
            f"the descriptor of {descriptor.name!r} has {descriptor.num_classes} classes, the network "
            f"{count}: give the descriptor of the dataset it was trained on"
        )
    if descriptor.input_channels != channels:
        raise InputError(
            f"the descriptor of {descriptor.name!r} is about images of {descriptor.input_channels} channels, the "
            f"network sees {channels}: give the descriptor of the dataset it was trained on"
        )
    return descriptor


def pixels_of(image: ImageLike, channels: int = RGB) -> np.ndarray:
    """The pixels of a file as displayed (EXIF orientation applied), or of an array, checked.

    Args:
        image: path of a file, or its pixels: uint8 [height, width, 3], RGB; for other channels uint8 or uint16
            [height, width, channels], and [height, width] for one.
        channels: what the network sees.

    Returns:
        uint8 [height, width, 3], RGB, or uint16 [height, width, channels].

    Raises:
        InputError: the file is no readable image, or the array is no image.
    """
    if not isinstance(image, np.ndarray):
        return _read(os.fspath(image), channels)
    if channels != RGB:
        return _bands(image, channels)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[-1] != 3 or not image.size:
        raise InputError(
            f"image is an array {image.dtype} {list(image.shape)}; give uint8 [height, width, 3] in RGB, "
            "or the path of an image file"
        )
    return image


def _read(path: str, channels: int) -> np.ndarray:
    data = storage.read(path)
    with naming(path):
        pixels = Decoding(channels).pixels(data)
    return pixels if channels == RGB else pixels.astype(np.uint16)


def _bands(image: np.ndarray, channels: int) -> np.ndarray:
    pixels = image[..., np.newaxis] if image.ndim == 2 else image
    legal = pixels.dtype in (np.uint8, np.uint16) and pixels.ndim == 3 and pixels.shape[-1] == channels
    if not legal or not pixels.size:
        raise InputError(
            f"image is an array {image.dtype} {list(image.shape)}; the network sees {channels} channels: give uint8 or "
            f"uint16 [height, width, {channels}], or the path of such a file"
        )
    return pixels.astype(np.uint16)
