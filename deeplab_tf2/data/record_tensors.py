"""One record to tensors, with its labels checked."""

from __future__ import annotations

import re

import tensorflow as tf

from deeplab_tf2.data import schema
from deeplab_tf2.data.band_records import decode_stored
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.band_arrays import RGB

# Names of operations, where in a pipeline it was, and the kind of an error of ours that came from Python.
_GRAPH = re.compile(r"\{\{.*?\}\} *|Error in user-defined function passed to .*? iterator: \S+: |[\w.]*InputError: ")


def decode(record: tf.Tensor, descriptor: Descriptor, labelled: bool = True) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Decodes one record and checks its labels.

    Args:
        record: string [], a serialized example.
        descriptor: tells which labels are legal.
        labelled: whether the record has a mask; without one, every pixel gets the ignore label.

    Returns:
        Image uint8 [height, width, 3], or uint16 [height, width, channels] for other channels, label uint8
        [height, width] and name string [].
    """
    fields = schema.parse(record)
    image = _decode_fields(fields, descriptor.input_channels)
    if not labelled:
        return (
            image,
            tf.fill(tf.shape(image)[:2], tf.constant(descriptor.ignore_label, tf.uint8)),
            fields["filename"],
        )
    label = tf.squeeze(tf.io.decode_png(fields["label"], channels=1), 2)
    with tf.control_dependencies([_label_check(label, descriptor, fields["filename"])]):
        return image, tf.identity(label), fields["filename"]


def _label_check(label: tf.Tensor, descriptor: Descriptor, name: tf.Tensor) -> tf.Operation:
    """An operation that fails where a label is neither a class nor the ignore label."""
    if descriptor.num_classes > 255:
        return tf.no_op()
    legal = f"0..{descriptor.num_classes - 1} and the ignore label {descriptor.ignore_label}"
    # Compared as they are: as int32 it takes three times as long.
    first, ignored = (tf.constant(value, tf.uint8) for value in (descriptor.num_classes, descriptor.ignore_label))
    bad = (label >= first) & (label != ignored)

    def tell() -> tf.Operation:
        values = tf.unique(tf.boolean_mask(tf.cast(label, tf.int32), bad))[0]
        return tf.group(tf.debugging.Assert(False, ["record", name, f"has labels outside {legal}:", values]))

    return tf.cond(tf.reduce_any(bad), tell, tf.no_op)


def _decode_fields(fields: dict[str, tf.Tensor], channels: int) -> tf.Tensor:
    if channels == RGB:
        return decode_image(fields["image"])
    stored = fields["channels"]
    fits = tf.debugging.Assert(
        stored == channels, ["record", fields["filename"], f"has other than {channels} channels:", stored]
    )
    with tf.control_dependencies([fits]):
        return decode_image(fields["image"], channels)


def decode_image(data: tf.Tensor, channels: int = RGB) -> tf.Tensor:
    """Decodes the image of a record.

    Args:
        data: string [], a JPEG or PNG file; of other channels than 3, one that `band_records` stored.
        channels: its channels.

    Returns:
        uint8 [height, width, 3], with the pixels that Pillow gives, or uint16 [height, width, channels].
    """
    if channels != RGB:
        return decode_stored(data, channels)
    image = tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE")
    return tf.ensure_shape(image, [None, None, RGB])


def plain_message(message: str) -> str:
    """What TensorFlow says of a record that cannot be used, without the graph around it."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    # What is known of places in the code comes first then, and what happened just before the places in the graph.
    meant = 0
    if lines[0] == "Graph execution error:":
        meant = next((number for number, line in enumerate(lines) if line.startswith("[[")), len(lines)) - 1
    line = _GRAPH.sub("", lines[meant])
    if line.startswith("assertion failed: "):
        return " ".join(re.findall(r"\[(.*?)\]", line))
    return line
