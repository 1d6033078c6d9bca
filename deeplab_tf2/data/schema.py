"""The record schema of the official DeepLab converters, declared once for writer and reader."""

from __future__ import annotations

import dataclasses

import tensorflow as tf


@dataclasses.dataclass(frozen=True)
class Field:
    """One key of a record and what a reader assumes where the key is missing."""

    key: str
    default: bytes | int


FIELDS = {
    "image": Field("image/encoded", b""),
    "filename": Field("image/filename", b""),
    "image_format": Field("image/format", b"jpeg"),
    "height": Field("image/height", 0),
    "width": Field("image/width", 0),
    "channels": Field("image/channels", 0),
    "label": Field("image/segmentation/class/encoded", b""),
    "label_format": Field("image/segmentation/class/format", b"png"),
}


def encode(
    *,
    image: bytes,
    filename: str,
    image_format: str,
    height: int,
    width: int,
    channels: int = 3,
    label: bytes | None = None,
) -> bytes:
    """One serialized `tf.train.Example`.

    Args:
        image: the encoded image, a JPEG or PNG file.
        filename: name of the example, without extension.
        image_format: "jpeg" or "png".
        height: height in pixels.
        width: width in pixels.
        channels: channels of the decoded image.
        label: the mask as 8-bit greyscale PNG file of class indices; None for an example without mask.
    """
    values: dict[str, bytes | str | int] = {
        "image": image,
        "filename": filename,
        "image_format": image_format,
        "height": height,
        "width": width,
        "channels": channels,
    }
    if label is not None:
        values.update(label=label, label_format="png")
    features = {FIELDS[name].key: _feature(value) for name, value in values.items()}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    # Else the order of the keys differs from process to process.
    return example.SerializeToString(deterministic=True)


def _feature(value: bytes | str | int) -> tf.train.Feature:
    if isinstance(value, int):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
    data = value.encode() if isinstance(value, str) else value
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))


def parse(serialized: tf.Tensor) -> dict[str, tf.Tensor]:
    """The fields of one serialized example, under the names of `FIELDS`; runs inside `tf.data.map` too.

    Args:
        serialized: string [].

    Returns:
        One scalar per field, string or int64; `label` is empty where the example has no mask.
    """
    keys = {
        field.key: tf.io.FixedLenFeature([], tf.int64 if isinstance(field.default, int) else tf.string, field.default)
        for field in FIELDS.values()
    }
    parsed = tf.io.parse_single_example(serialized, keys)
    return {name: parsed[field.key] for name, field in FIELDS.items()}
