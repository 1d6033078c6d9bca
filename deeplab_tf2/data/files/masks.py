"""Mask files: what their pixels mean, and the class indices that go into a record."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images
from deeplab_tf2.data.files.binary_masks import binary_labels
from deeplab_tf2.data.files.color_table import ColorTable
from deeplab_tf2.data.files.id_table import IdTable, listed
from deeplab_tf2.data.files.label_map import LabelMap
from deeplab_tf2.data.files.mask_files import (
    COLORFUL,
    grey_png,
    is_grey_png,
    is_lossy,
    stored_values,
    transparent,
    upright,
)


@dataclasses.dataclass(frozen=True)
class EncodedMask:
    """A mask fit for a record.

    Attributes:
        data: the bytes of an 8-bit greyscale PNG file of class indices.
        height: height in pixels.
        width: width in pixels.
        counts: pixels of each value, int64 [256].
    """

    data: bytes
    height: int
    width: int
    counts: np.ndarray


class MaskSource(Protocol):
    """Where the masks of a dataset come from; `mask` is what a `Pair` says, most often a path."""

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of every pixel, uint8 [height, width].

        Args:
            mask: the mask of a pair.
            size: (height, width) of its image as displayed, in pixels.

        Raises:
            InputError: the mask cannot be used; the message names the file.
        """

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """The same, fit for a record."""


class MaskReader:
    """Reads masks that are image files, as a `MaskSource`.

    Args:
        ignore_label: label without loss and metric, 0..255.
        label_map: what values and colours mean; None where values are labels.
        nearest_color: whether a colour outside the label map counts as the nearest one in it, and lossy files are
            read.
        binary: whether masks are black and white pictures of the first and the second class.
        resize: whether masks may be scaled to the size of their images.
        folders: folder name -> label of what is bright in the black and white masks below it; by default 1.
        also_ignored: value that becomes the ignore label too, unless the label map has it.
        read: gives the bytes of a mask file for what its pair says.

    Attributes:
        binary: as given.
        resize: as given.
        folders: as given.
    """

    def __init__(
        self,
        ignore_label: int = 255,
        label_map: LabelMap | None = None,
        *,
        nearest_color: bool = False,
        binary: bool = False,
        resize: bool = False,
        folders: Mapping[str, int] | None = None,
        also_ignored: int | None = None,
        read: Callable[[str], bytes] = storage.read,
    ) -> None:
        self._ignore_label = ignore_label
        self._also_ignored = ignore_label if also_ignored is None else also_ignored
        self.binary, self.resize, self.folders = binary, resize, folders
        self._read_file = read
        self._ids = self._colors = None
        self._by_colors = bool(label_map and label_map.by_colors)
        self._nearest = nearest_color
        if label_map:
            more = {self._also_ignored: ignore_label}
            self._ids = IdTable({**more, **label_map.labels_of_ids(ignore_label)}, label_map.path)
        if label_map and label_map.has_colors:
            self._colors = ColorTable(label_map.labels_of_colors(ignore_label), nearest_color)
        elif nearest_color:
            raise InputError("unknown_colors=nearest needs a label_map with colors")

    def labels(self, mask: str, size: tuple[int, int]) -> np.ndarray:
        """The labels of a mask file, uint8 [height, width], as `MaskSource` has it."""
        data = self._read_file(mask)
        with images.naming(mask):
            return self._labels(self._fitting(data, size), data, size, self.bright_label(mask))

    def encoded(self, mask: str, size: tuple[int, int]) -> EncodedMask:
        """A mask file fit for a record, as `MaskSource` has it."""
        data = self._read_file(mask)
        with images.naming(mask):
            return self._packed(self._fitting(data, size), data, size, self.bright_label(mask))

    def _fitting(self, data: bytes, size: tuple[int, int]) -> Image.Image:
        """Opens a mask; one of another size than its image is refused by its header, before it takes memory."""
        image = images.opened(data)
        found = images.displayed_size(data, image)
        if found != size and not (self.resize and same_shape(found, size)):
            raise InputError(size_complaint(found, size))
        images.load(image, data)
        return image

    def bright_label(self, path: str) -> int:
        """The label of what is bright in a black and white mask: that of the innermost folder that has one.

        Raises:
            InputError: no folder of the path has a label.
        """
        if self.folders is None:
            return 1
        inside_out = path.replace("\\", "/").split("/")[-2::-1]
        for folder in inside_out:
            if folder in self.folders:
                return self.folders[folder]
        raise InputError(f"lies in no folder that is called like a class; classes are {', '.join(self.folders)}")

    def encode(self, data: bytes, size: tuple[int, int] | None = None, bright: int = 1) -> EncodedMask:
        """Checks a mask file and makes it fit for a record.

        8-bit greyscale PNG files that hold their labels already keep their bytes; others are rewritten.

        Args:
            data: the bytes of the file.
            size: (height, width) of the image. Where masks may be resized, one of the same shape is scaled to it:
                each pixel takes the label of the mask pixel below its centre.
            bright: label of what is bright in a black and white mask.

        Raises:
            InputError: the file is damaged, or its pixels have no meaning; the message does not name it.
        """
        return self._packed(images.open_checked(data), data, size, bright)

    def _packed(self, image: Image.Image, data: bytes, size: tuple[int, int] | None, bright: int) -> EncodedMask:
        labels = self._labels(image, data, size, bright)
        if is_grey_png(image, data) and np.array_equal(labels, np.asarray(image)):
            return EncodedMask(data, image.height, image.width, label_pixels(labels))
        return pack(labels)

    def decode(self, data: bytes, size: tuple[int, int] | None = None, bright: int = 1) -> np.ndarray:
        """The labels of a mask file, uint8 [height, width].

        Args:
            data: as for `encode`.
            size: as for `encode`.
            bright: as for `encode`.

        Raises:
            InputError: as `encode`.
        """
        return self._labels(images.open_checked(data), data, size, bright)

    def _labels(self, image: Image.Image, data: bytes, size: tuple[int, int] | None, bright: int) -> np.ndarray:
        labels = binary_labels(image) * np.uint8(bright) if self.binary else self._read(image, data)
        labels = upright(labels, image, data)
        if self.resize and size and labels.shape != size and same_shape(labels.shape, size):
            return scaled(labels, size)
        return labels

    def _read(self, image: Image.Image, data: bytes) -> np.ndarray:
        lossy = is_lossy(image, data)
        if lossy and not self._nearest:
            raise InputError(
                f"the mask is a {image.format} file, whose compression changes labels; export it as PNG, or say "
                "--unknown_colors=nearest with a --label_map of its colours (--binary_masks if it is black and white);"
                " class indices, one step of grey apart, cannot be told from each other again"
            )
        if self._colors and (lossy or image.mode in COLORFUL or (image.mode == "P" and self._by_colors)):
            pixels = image if image.mode in COLORFUL else image.convert("RGB")
            try:
                return self._colors.labels(np.asarray(pixels))
            except InputError as error:
                hint = "; the file has a palette: give the classes ids to read its indices" * (image.mode == "P")
                raise InputError(f"{error}{hint}") from error
        values, clear = stored_values(image, data), transparent(image)
        if clear is None:
            return self._of_values(values)
        labels = np.full(values.shape, self._ignore_label, np.uint8)
        labels[~clear] = self._of_values(values[~clear])
        return labels

    def _of_values(self, values: np.ndarray) -> np.ndarray:
        if self._ids:
            return self._ids.labels(values)
        if values.max(initial=0) > 255:
            raise InputError(
                f"the mask has values up to {values.max()}; without --label_map, values are labels of 0 to 255"
            )
        labels = values.astype(np.uint8)
        if self._also_ignored != self._ignore_label:
            labels[labels == self._also_ignored] = self._ignore_label
        return labels


def scaled(labels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Labels, uint8 [height, width], in another size: each pixel takes the label of the pixel below its centre."""
    return np.asarray(Image.fromarray(labels).resize(size[::-1], Image.Resampling.NEAREST))


def size_complaint(mask: tuple[int, ...], image: tuple[int, ...]) -> str:
    """What is wrong with a mask of another size than its image, (height, width) each in pixels."""
    return (
        f"the mask has {mask[1]} x {mask[0]} pixels, its image {image[1]} x {image[0]} (as displayed, by its EXIF"
        " orientation); they must agree"
        + (", or say --resize_masks=nearest" if same_shape(mask, image) else ", and no scale makes them")
    )


def pack(labels: np.ndarray) -> EncodedMask:
    """Labels, uint8 [height, width], fit for a record."""
    height, width = labels.shape
    return EncodedMask(grey_png(labels), height, width, label_pixels(labels))


def label_pixels(labels: np.ndarray) -> np.ndarray:
    """Pixels of each label, int64 [256], of uint8 [height, width]."""
    # Three times as fast as NumPy's count, which makes 64-bit numbers of all pixels first.
    return np.array(Image.fromarray(labels).histogram(), np.int64)


def same_shape(mask: tuple[int, ...], image: tuple[int, ...]) -> bool:
    """Whether two sizes (height, width) are one shape at two scales, to a pixel of the smaller one a side."""
    tolerance = max(sum(mask), sum(image))
    return abs(mask[0] * image[1] - mask[1] * image[0]) <= tolerance


_PLAIN = MaskReader()
encode = _PLAIN.encode
decode = _PLAIN.decode


def check_labels(counts: np.ndarray, num_classes: int, ignore_label: int) -> None:
    """Refuses labels that are neither a class nor the ignore label.

    Args:
        counts: pixels of each value, int [256].
        num_classes: labels 0 to num_classes - 1 are classes.
        ignore_label: label without loss and metric; it may be one of the former.

    Raises:
        InputError: there are such labels; the message lists them with their pixel counts.
    """
    wrong = [int(value) for value in np.flatnonzero(counts) if value >= num_classes and value != ignore_label]
    if not wrong:
        return
    hint = "; if 255 means 'unlabelled', say --ignore_label=255" if wrong == [255] else ""
    if num_classes == 2 and counts[255]:
        hint += "; if these are black and white pictures of the two classes, say --binary_masks"
    raise InputError(
        f"labels {listed({value: int(counts[value]) for value in wrong})}; legal are 0 to {num_classes - 1}"
        f" ({num_classes} class names) and the ignore label {ignore_label}{hint}"
    )
