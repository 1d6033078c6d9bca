"""Segmenting photographs."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Sequence
from typing import Any, Protocol, overload

import keras
import numpy as np

from deeplab_tf2.config import NO_RESIZING, InputError, Resizing, aligned_size
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.finding import find_images, is_film, means_several, readable
from deeplab_tf2.inference.graph import traced
from deeplab_tf2.inference.photos import Photo, segment_photos
from deeplab_tf2.inference.pixels import ImageLike, pixels_of
from deeplab_tf2.inference.segmentation import Segmentation
from deeplab_tf2.pictures.palettes import default_colors
from deeplab_tf2.pictures.viewable import viewable


class Predictor(Protocol):
    """What `load` gives for a run as for an export."""

    @property
    def descriptor(self) -> Descriptor:
        """Names and colours of the classes."""

    def predict(self, image: ImageLike) -> Segmentation:
        """Segments a file, or pixels as `pixels_of` takes them."""

    def shared_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size that images of `size`, (height, width), have in a batch: those that share one can share a batch."""

    def predict_together(self, images: Sequence[np.ndarray], probabilities: bool = True) -> list[Segmentation]:
        """Segments images as `pixels_of` gives them, of one shared size, as a batch.

        Without `probabilities`, those of the results are of 0 classes, which takes less time and memory.
        """


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A network as a `Predictor`, with names of its classes and the resizing that belongs to it."""

    model: keras.Model
    descriptor: Descriptor
    resizing: Resizing = NO_RESIZING

    def predict(self, image: ImageLike) -> Segmentation:
        """As `Predictor` has it."""
        return self.predict_together([pixels_of(image, self.model.config.input_channels)])[0]

    def shared_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """As `Predictor` has it."""
        if self.resizing:
            return size
        stride = self.model.config.output_stride
        return aligned_size(size[0], stride), aligned_size(size[1], stride)

    def predict_together(self, images: Sequence[np.ndarray], probabilities: bool = True) -> list[Segmentation]:
        """As `Predictor` has it."""
        batch = np.stack(images) if self.resizing else self._padded(images)
        outputs = traced(self.model, self.resizing, not self.resizing, probabilities)(batch)
        return each_of(outputs, images, self.descriptor)

    def _padded(self, images: Sequence[np.ndarray]) -> np.ndarray:
        size = self.shared_size((images[0].shape[0], images[0].shape[1]))
        batch = np.empty((len(images), *size, images[0].shape[-1]), np.float32)
        batch[:] = self.model.pad_pixel
        for place, image in zip(batch, images, strict=True):
            place[: image.shape[0], : image.shape[1]] = image
        return batch


@overload
def segment(
    model: keras.Model | Predictor, image: np.ndarray, descriptor: Descriptor | None = None
) -> Segmentation: ...


@overload
def segment(
    model: keras.Model | Predictor, image: str | os.PathLike[str], descriptor: Descriptor | None = None
) -> Any: ...


@overload
def segment(
    model: keras.Model | Predictor, image: Sequence[ImageLike], descriptor: Descriptor | None = None
) -> list[Segmentation]: ...


def segment(
    model: keras.Model | Predictor, image: ImageLike | Sequence[ImageLike], descriptor: Descriptor | None = None
) -> Segmentation | list[Segmentation]:
    """Segments a photograph of any size, or several.

    Args:
        model: a `DeepLab`, or what `load` returned.
        image: path of an image file, or its pixels, see `pixels_of`; or a list of such: those of about one size share
            a batch. A folder or a pattern such as "photos/**/*.jpg" is as the sorted list of its images, see
            `find_images`.
        descriptor: names and colours of the classes; unset: the run's or export's, or else "class 0", ... .

    Returns:
        What is seen in the photograph; of several, a list in their order.

    Raises:
        InputError: a file is no readable image, an array is no image, there is no image, or the descriptor has other
            classes.
    """
    predictor = Network(model, describe(model, None)) if isinstance(model, keras.Model) else model
    own = predictor.descriptor
    if descriptor is not None:
        check_descriptor(descriptor, own.num_classes, own.input_channels)
    if isinstance(image, str | os.PathLike) and means_several(os.fspath(image)):
        image = readable(find_images(os.fspath(image)), own.input_channels)
    alone = isinstance(image, str | os.PathLike | np.ndarray)
    found = [predictor.predict(_no_film(image))] if alone else _segment_list(predictor, image)  # type: ignore[arg-type]
    if descriptor is not None:
        found = [dataclasses.replace(one, descriptor=descriptor) for one in found]
    return found[0] if alone else found


def _no_film(image: ImageLike) -> ImageLike:
    if not isinstance(image, np.ndarray) and is_film(os.fspath(image)):
        path = os.fspath(image)
        raise InputError(f"{path} is a video: predict.py --images={path} segments it frame by frame")
    return image


def _segment_list(predictor: Predictor, images: Sequence[ImageLike]) -> list[Segmentation]:
    channels = predictor.descriptor.input_channels
    photos = [
        Photo(_name(image, number), functools.partial(pixels_of, _no_film(image), channels))
        for number, image in enumerate(images)
    ]
    found = dict[Photo, Segmentation]()
    for photo, outcome in segment_photos(predictor, photos, lambda photo, segmentation: segmentation):
        if isinstance(outcome, InputError):
            raise outcome
        found[photo] = outcome
    return [found[photo] for photo in photos]


def _name(image: ImageLike, number: int) -> str:
    return f"image[{number}]" if isinstance(image, np.ndarray) else os.fspath(image)


def each_of(outputs: dict[str, Any], images: Sequence[np.ndarray], descriptor: Descriptor) -> list[Segmentation]:
    """What a graph said about each image of its batch, cut to the size of the image."""
    labels = outputs["labels"].numpy()
    probabilities = outputs["probabilities"].numpy() if "probabilities" in outputs else np.zeros((*labels.shape, 0))
    cut = [(number, slice(image.shape[0]), slice(image.shape[1])) for number, image in enumerate(images)]
    return [
        Segmentation(viewable(image), labels[place], probabilities[place].astype(np.float32, copy=False), descriptor)
        for image, place in zip(images, cut, strict=True)
    ]


def describe(model: keras.Model, descriptor: Descriptor | None) -> Descriptor:
    """The descriptor, or plain names and colours when there is none.

    Raises:
        InputError: it has another number of classes or of channels than the network.
    """
    count, channels = model.config.num_classes, model.config.input_channels
    if descriptor is None:
        names = tuple(f"class {label}" for label in range(count))
        return Descriptor("unnamed", names, default_colors(count), input_channels=channels)
    check_descriptor(descriptor, count, channels)
    return descriptor


def check_descriptor(descriptor: Descriptor, classes: int, channels: int) -> None:
    """Refuses a descriptor that is not about what a network sees.

    Args:
        descriptor: names and colours of classes.
        classes: number of classes of the network.
        channels: number of channels of its images.

    Raises:
        InputError: the numbers are others.
    """
    if descriptor.num_classes != classes:
        raise InputError(
            f"the descriptor of {descriptor.name!r} has {descriptor.num_classes} classes, the network "
            f"{classes}: give the descriptor of the dataset it was trained on"
        )
    if descriptor.input_channels != channels:
        raise InputError(
            f"the descriptor of {descriptor.name!r} is about images of {descriptor.input_channels} channels, the "
            f"network sees {channels}: give the descriptor of the dataset it was trained on"
        )
