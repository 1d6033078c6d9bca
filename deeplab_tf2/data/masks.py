"""Mask files: what their pixels mean, and the class indices that go into a record."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data import images
from deeplab_tf2.data.binary_masks import binary_labels
from deeplab_tf2.data.color_table import ColorTable
from deeplab_tf2.data.label_map import LabelMap

LEGAL = "legal are files whose pixels are class indices: 8-bit or 16-bit grey, palette, 1-bit"

_COLORFUL = ("RGB", "RGBA")
_KINDS = {"RGB": "a colour picture (RGB)", "RGBA": "a colour picture with alpha (RGBA)", "LA": "grey with alpha"}


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


class MaskReader:
    """Reads masks of one dataset.

    Args:
        ignore_label: label without loss and metric, 0..255.
        label_map: what values and colours mean; None where values are labels.
        nearest_color: whether a colour outside the label map counts as the nearest one in it, and lossy files are
            read.
        binary: whether masks are black and white pictures of the first and the second class.
        resize: whether masks may be scaled to the size of their images.
        folders: folder name -> label of what is bright in the black and white masks below it; by default 1.

    Attributes:
        binary: as given.
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
    ) -> None:
        self.binary, self._resize, self.folders = binary, resize, folders
        self._ids = self._colors = None
        self._by_colors = bool(label_map and label_map.by_colors)
        self._nearest = nearest_color
        if label_map:
            self._ids = _IdTable(label_map.labels_of_ids(ignore_label), label_map.path)
        if label_map and label_map.has_colors:
            self._colors = ColorTable(label_map.labels_of_colors(ignore_label), nearest_color)
        elif nearest_color:
            raise InputError("unknown_colors=nearest needs a label_map with colors")

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

        8-bit greyscale PNG files whose values are labels keep their bytes; others are rewritten.

        Args:
            data: the bytes of the file.
            size: (height, width) of the image. Where masks may be resized, one of the same shape is scaled to it:
                each pixel takes the label of the mask pixel below its centre.
            bright: label of what is bright in a black and white mask.

        Raises:
            InputError: the file is damaged, or its pixels have no meaning; the message does not name it.
        """
        image = images.open_checked(data)
        labels = self._read(image, data) * np.uint8(bright) if self.binary else self._read(image, data)
        scaled = False
        if self._resize and size and labels.shape != size and same_shape(labels.shape, size):
            scaled = True
            labels = np.asarray(Image.fromarray(labels).resize(size[::-1], Image.Resampling.NEAREST))
        counts = np.bincount(labels.ravel(), minlength=256)
        kept = not scaled and self._ids is None and not self.binary and _is_grey_png(image, data)
        height, width = labels.shape
        return EncodedMask(data if kept else _png(labels), height, width, counts)

    def decode(self, data: bytes) -> np.ndarray:
        """The labels of a mask file, uint8 [height, width].

        Raises:
            InputError: as `encode`.
        """
        return self._read(images.open_checked(data), data)

    def _read(self, image: Image.Image, data: bytes) -> np.ndarray:
        if self.binary:
            return binary_labels(image)
        lossy = _lossy(image, data)
        if lossy and not self._nearest:
            raise InputError(
                f"the mask is a {image.format} file, whose compression changes labels; export it as PNG, or say "
                "--unknown_colors=nearest with a --label_map of its colours (--binary_masks if it is black and white)"
            )
        if self._colors and (lossy or image.mode in _COLORFUL or (image.mode == "P" and self._by_colors)):
            pixels = image if image.mode in _COLORFUL else image.convert("RGB")
            return self._colors.labels(np.asarray(pixels))
        values = _values(image, data)
        if self._ids:
            return self._ids.labels(values)
        if values.max(initial=0) > 255:
            raise InputError(
                f"the mask has values up to {values.max()}; without --label_map, values are labels of 0 to 255"
            )
        return values.astype(np.uint8)


def same_shape(mask: tuple[int, ...], image: tuple[int, ...]) -> bool:
    """Whether two sizes (height, width) are one shape at two scales, to a pixel of the smaller one a side."""
    tolerance = max(sum(mask), sum(image))
    return abs(mask[0] * image[1] - mask[1] * image[0]) <= tolerance


class _IdTable:
    """Looks up the labels of mask values, 0..65535."""

    def __init__(self, labels: Mapping[int, int], source: str) -> None:
        self._source = source
        self._table = np.full(1 << 16, -1, np.int16)
        self._table[list(labels)] = list(labels.values())

    def labels(self, values: np.ndarray) -> np.ndarray:
        labels = self._table[values]
        if labels.min(initial=0) < 0:
            counts = np.bincount(values[labels < 0].ravel())
            listed = _listed({int(value): int(counts[value]) for value in np.flatnonzero(counts)})
            legal = _ranges(np.flatnonzero(self._table >= 0).tolist())
            raise InputError(
                f'values {listed}, which {self._source} does not have; it has {legal}: add them, with "ignore" where '
                "they belong to no class"
            )
        return labels.astype(np.uint8)


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
        f"labels {_listed({value: int(counts[value]) for value in wrong})}; legal are 0 to {num_classes - 1}"
        f" ({num_classes} class names) and the ignore label {ignore_label}{hint}"
    )


def _listed(counts: Mapping[int, int]) -> str:
    shown = ", ".join(f"{value} ({count} pixels)" for value, count in list(counts.items())[:8])
    return shown + (f" and {len(counts) - 8} more values" if len(counts) > 8 else "")


def _ranges(values: list[int]) -> str:
    """Numbers in ascending order, as "0 to 11, 255"."""
    known = set(values)
    starts = [value for value in values if value - 1 not in known]
    ends = [value for value in values if value + 1 not in known]
    parts = [f"{start}" if start == end else f"{start} to {end}" for start, end in zip(starts, ends, strict=True)]
    return ", ".join(parts[:8]) + (", ..." if len(parts) > 8 else "")


def _values(image: Image.Image, data: bytes) -> np.ndarray:
    """The values that an index mask stores, unsigned of 8 or 16 bits [height, width]."""
    if image.mode in ("1", "P"):
        return np.asarray(image).astype(np.uint8)
    if image.mode == "L":
        # Pillow spreads 2-bit and 4-bit grey over 0..255.
        spread = {2: 85, 4: 17}.get(_bit_depth(data), 1) if image.format == "PNG" else 1
        return np.asarray(image) // spread
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min(initial=0) >= 0 and values.max(initial=0) < 1 << 16:
            return values.astype(np.uint16)
        raise InputError(f"the mask has values from {values.min()} to {values.max()}; {LEGAL}")
    found = _KINDS.get(image.mode, f"of Pillow mode {image.mode}")
    advice = "; a --label_map with their colors reads colour masks" if image.mode in _COLORFUL else ""
    raise InputError(f"the mask is {found}: its pixels are no class indices; {LEGAL}{advice}")


def _lossy(image: Image.Image, data: bytes) -> bool:
    if image.format == "WEBP":
        return data[12:16] != b"VP8L"
    return image.format in ("JPEG", "MPO") or "jpeg" in str(image.info.get("compression"))


def _is_grey_png(image: Image.Image, data: bytes) -> bool:
    return image.format == "PNG" and image.mode == "L" and _bit_depth(data) == 8


def _png(labels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(labels).save(buffer, "PNG")
    return buffer.getvalue()


def _bit_depth(data: bytes) -> int:
    # The header chunk always comes first: 8 bytes signature, 8 of chunk head, 8 of size, then the depth.
    return data[24]
