"""The examples of a prepared TensorFlow Datasets set: images and masks as encoded files, by key."""

from __future__ import annotations

import io
import os
import re
from typing import Any, Protocol

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.tfds import tfds_features

_KEY = re.compile(r"(?P<split>.+)\[(?P<position>\d+)\]")


class Examples:
    """The examples of a prepared set; may be read by several threads.

    Args:
        builder: its builder.
        layout: where image and mask are.

    Raises:
        InputError: the files of a split are missing or have a format without random access.
    """

    def __init__(self, builder: Any, layout: tfds_features.Layout) -> None:
        self._layout = layout
        features = tfds_features.flat(builder.info.features)
        self._arrays = {
            key: features[key] for key in (layout.image, layout.mask) if not tfds_features.is_file(features[key])
        }
        self._splits = {split: _opened(info, builder.info) for split, info in builder.info.splits.items()}

    def sizes(self) -> dict[str, int]:
        """How many examples each split has."""
        return {split: len(records) for split, records in self._splits.items()}

    def image(self, key: str) -> bytes:
        """The encoded image of an example, `train[12]`: the bytes that TFDS stores, or a PNG file of an array.

        Raises:
            InputError: it cannot be read.
        """
        return self._encoded(key, self._layout.image)

    def mask(self, key: str) -> bytes:
        """The encoded mask of an example, likewise."""
        return self._encoded(key, self._layout.mask)

    def name(self, key: str) -> str:
        """The name that the set gives an example; empty where it gives none."""
        if self._layout.name is None:
            return ""
        values = self._example(key)[0].features.feature[self._layout.name].bytes_list.value
        return values[0].decode("utf-8", "replace") if values else ""

    def _example(self, key: str) -> tuple[Any, bytes]:
        import tensorflow as tf
        from google.protobuf.message import DecodeError

        match = _KEY.fullmatch(key)
        if not match:
            raise InputError(f"{key!r} is no example; legal is split[position]")
        record = self._splits[match["split"]].read(int(match["position"]))
        try:
            return tf.train.Example.FromString(record), record
        except DecodeError as error:
            raise InputError(f"{key} is damaged: prepare the set again") from error

    def _encoded(self, key: str, feature: str) -> bytes:
        example, record = self._example(key)
        if feature in self._arrays:
            return self._packed(key, feature, record)
        values = example.features.feature[feature].bytes_list.value
        if not values:
            raise InputError(f"{key} has no {feature}")
        return values[0]

    def _packed(self, key: str, feature: str, record: bytes) -> bytes:
        import tensorflow_datasets as tfds

        alone = tfds.features.FeaturesDict({feature: self._arrays[feature]})
        try:
            array = np.asarray(alone.deserialize_example_np(record)[feature])
        # Every kind of feature has a decoder of its own, which fails in its own ways.
        except Exception as error:
            raise InputError(f"{key}: {feature} cannot be read ({error})") from error
        if array.ndim == 3 and array.shape[-1] == 1:
            array = array[..., 0]
        low, high = (array.min(), array.max()) if array.size else (0, 0)
        if low < 0 or high >= 1 << 16:
            raise InputError(f"{key}: {feature} has values from {low} to {high}; legal are 0 to 65535")
        file = io.BytesIO()
        Image.fromarray(array.astype(np.uint8 if high < 256 else np.uint16)).save(file, "PNG")
        return file.getvalue()


class _Records(Protocol):
    def __len__(self) -> int: ...

    def read(self, position: int) -> bytes: ...


class _ArrayRecords:
    """The records of ArrayRecord files, by position."""

    def __init__(self, paths: list[str]) -> None:
        from array_record.python.array_record_data_source import ArrayRecordDataSource

        self._source = ArrayRecordDataSource(paths)

    def __len__(self) -> int:
        return len(self._source)

    def read(self, position: int) -> bytes:
        """The serialized record at `position`."""
        return self._source[position]


def _opened(split: Any, info: Any) -> _Records:
    from deeplab_tf2.data.records import Records

    paths = [os.fspath(path) for path in split.filepaths]
    kind = info.file_format.value
    if kind == "tfrecord":
        return Records("", split.name, paths)
    if kind == "array_record":
        return _ArrayRecords(paths)
    raise InputError(f"{info.full_name} is stored as {kind}; legal are tfrecord and array_record: prepare it again")
