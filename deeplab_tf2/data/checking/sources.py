"""The examples of a dataset one by one, from records or straight from files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.decoding import Decoding
from deeplab_tf2.data.files import images, masks
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.pairing.lists import Pair
from deeplab_tf2.data.records import Records

_PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Example:
    """One example as it is stored.

    Attributes:
        name: path below the image folder, without extension.
        image: the bytes of the image file.
        label: class indices, uint8 [height, width]; None without a mask.
    """

    name: str
    image: bytes
    label: np.ndarray | None


class Source(Protocol):
    """Examples by split and position; `read` may be called from several threads."""

    @property
    def decoding(self) -> Decoding:
        """How the bytes of the images are read."""

    def sizes(self) -> Mapping[str, int]:
        """How many examples each split has."""

    def read(self, split: str, position: int) -> Example:
        """The example at `position` of a split.

        Raises:
            InputError: it cannot be read; the message names it.
        """


class RecordSource:
    """The examples of TFRecords.

    Args:
        folder: folder of the records.
        splits: the splits to read.
        channels: channels of the images.

    Raises:
        InputError: a split has no records, or a file ends in the middle of one.
    """

    def __init__(self, folder: str, splits: Sequence[str], channels: int = RGB) -> None:
        self.decoding = Decoding(channels, stored=True)
        self._records = {split: Records(folder, split) for split in splits}

    def sizes(self) -> Mapping[str, int]:
        return {split: len(records) for split, records in self._records.items()}

    def read(self, split: str, position: int) -> Example:
        try:
            fields = schema.parse(tf.constant(self._records[split].read(position)))
        # TensorFlow quotes the record in its message, and stumbles where that is no text.
        except (tf.errors.InvalidArgumentError, UnicodeDecodeError) as error:
            raise InputError(f"record {position} of {split} is no tf.train.Example: convert again") from error
        name = fields["filename"].numpy().decode("utf-8", "replace") or f"record {position}"
        encoded = fields["label"].numpy()
        return Example(name, fields["image"].numpy(), _decoded(encoded, name) if encoded else None)


def _decoded(data: bytes, name: str) -> np.ndarray:
    """A mask as training reads it: a palette, say, becomes brightness."""
    # The header chunk comes first: 8 bytes signature, 8 of chunk head, then width and height.
    width, height = (int.from_bytes(data[start : start + 4], "big") for start in (16, 20))
    if data.startswith(_PNG) and width * height > images.PIXEL_LIMIT:
        raise InputError(
            f"the mask of {name} has {width} x {height} pixels; at most {images.PIXEL_LIMIT:,} are read: scale it down"
        )
    try:
        return tf.io.decode_png(data, channels=1).numpy()[..., 0]
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"the mask of {name} is no PNG that can be read") from error


class FileSource:
    """The examples of images and masks that are still files.

    Args:
        splits: split name -> its pairs.
        mask_source: where masks come from; by default from files whose values are labels.
        channels: channels of the images.
    """

    def __init__(
        self,
        splits: Mapping[str, Sequence[Pair]],
        mask_source: masks.MaskSource | None = None,
        channels: int = RGB,
    ) -> None:
        self.decoding = Decoding(channels)
        self._splits = splits
        self._masks = mask_source or masks.MaskReader()

    def sizes(self) -> Mapping[str, int]:
        return {split: len(pairs) for split, pairs in self._splits.items()}

    def read(self, split: str, position: int) -> Example:
        pair = self._splits[split][position]
        image = storage.read(pair.image)
        if pair.mask is None:
            return Example(pair.name, image, None)
        with images.naming(pair.image):
            size = self.decoding.size(image)
        return Example(pair.name, image, self._masks.labels(pair.mask, size))
