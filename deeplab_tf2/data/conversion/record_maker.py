"""One image with its mask to one record: the function that every way of converting maps over the pairs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion.twins import digest
from deeplab_tf2.data.files import images, masks
from deeplab_tf2.data.findings import odd_values
from deeplab_tf2.data.pairing.lists import Pair, Problem


@dataclasses.dataclass(frozen=True)
class Record:
    """One converted pair.

    Attributes:
        name: name of the example.
        data: the serialized example.
        digest: what stands for the bytes of its image file.
        height: height in pixels, as displayed.
        width: width in pixels, as displayed.
        label_pixels: pixels of each label, int64 [256]; None without a mask.
        moments: sum and sum of squares of each channel, float64 [channels] each, where they were counted.
    """

    name: str
    data: bytes
    digest: bytes
    height: int
    width: int
    label_pixels: np.ndarray | None
    moments: tuple[np.ndarray, np.ndarray] | None


class RecordMaker:
    """Makes records; may be used by several threads, and sent to other processes.

    Args:
        descriptor: says which labels are legal.
        mask_source: where masks come from.
        encode_image: makes the bytes of an image file fit for a record.
        read: gives the bytes of an image file for what its pair says.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        mask_source: masks.MaskSource,
        encode_image: Callable[[bytes], images.EncodedImage] = images.encode,
        read: Callable[[str], bytes] = storage.read,
    ) -> None:
        self._descriptor = descriptor
        self._masks = mask_source
        self._encode_image = encode_image
        self._read = read

    def outcome(self, pair: Pair) -> Record | Problem:
        """The record of a pair, or what is wrong with it."""
        try:
            return self.make(pair)
        except InputError as error:
            return Problem(pair.name, str(error))

    def make(self, pair: Pair) -> Record:
        """The record of a pair.

        Raises:
            InputError: a file cannot be used; the message names it.
        """
        data = self._read(pair.image)
        # Files without compression are as large as what they hold.
        with images.naming(pair.image), images.alone_if_large(len(data)):
            image = self._encode_image(data)
        mask = None if pair.mask is None else self._mask(pair.mask, (image.height, image.width))
        record = schema.encode(
            image=image.data,
            filename=pair.name,
            image_format=image.format,
            height=image.height,
            width=image.width,
            channels=image.channels,
            label=mask.data if mask else None,
        )
        pixels = mask.counts if mask else None
        return Record(pair.name, record, digest(data), image.height, image.width, pixels, image.moments)

    def _mask(self, source: str, size: tuple[int, int]) -> masks.EncodedMask:
        with images.alone_if_large(size[0] * size[1]):
            mask = self._masks.encoded(source, size)
        with images.naming(source):
            if (mask.height, mask.width) != size:
                raise InputError(masks.size_complaint((mask.height, mask.width), size))
            self._check_labels(mask.counts)
        return mask

    def _check_labels(self, counts: np.ndarray) -> None:
        try:
            masks.check_labels(counts, self._descriptor.num_classes, self._descriptor.ignore_label)
        except InputError as error:
            causes = [finding.text for finding in odd_values(counts, self._descriptor)]
            raise InputError("; ".join((str(error), *causes))) from error
