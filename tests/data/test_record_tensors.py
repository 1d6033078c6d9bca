"""One record to tensors."""

import re

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.record_tensors import decode, decode_image, plain_message
from deeplab_tf2.pictures.palettes import default_colors


def test_graph_and_pillow_decode_the_same_pixels(tmp_path):
    photo = np.random.default_rng(0).integers(0, 256, (40, 31, 3), dtype=np.uint8)
    for name, options in (("a.jpg", {"quality": 80}), ("b.jpg", {"progressive": True}), ("c.png", {})):
        Image.fromarray(photo).resize((93, 77), Image.Resampling.BICUBIC).save(tmp_path / name, **options)
        decoded = decode_image(tf.io.read_file(str(tmp_path / name)))
        np.testing.assert_array_equal(decoded, np.asarray(Image.open(tmp_path / name).convert("RGB")))


TWO = Descriptor("toy", ("a", "b"), default_colors(2))


def record(label):
    label = np.asarray(label, np.uint8)
    height, width = label.shape
    photo, png = (
        tf.io.encode_png(pixels).numpy() for pixels in (np.zeros((height, width, 3), np.uint8), label[..., None])
    )
    return schema.encode(image=photo, filename="odd", image_format="png", height=height, width=width, label=png)


def test_labels_are_checked_in_a_graph_too():
    descriptor = Descriptor("toy", ("a", "b"), default_colors(2))
    for function in (lambda data: decode(data, descriptor), tf.function(lambda data: decode(data, descriptor))):
        image, label, name = function(tf.constant(record([[0, 1, 255]])))
        assert image.shape == (1, 3, 3) and label.numpy().tolist() == [[0, 1, 255]] and name == b"odd"
        with pytest.raises(tf.errors.InvalidArgumentError, match="labels outside 0..1 and the ignore label 255"):
            function(tf.constant(record([[0, 2, 9]])))
    _, ignored, _ = decode(tf.constant(record([[0, 9]])), descriptor, labelled=False)
    assert ignored.numpy().tolist() == [[255, 255]]


ODD = record([[0, 7], [9, 7]])


def fail(_):
    raise InputError("a.tfrecord: cannot be read (gone)")


@tf.function
def all_of(iterator):
    """Takes from a pipeline within a graph, as several steps at a time do."""
    for _ in tf.range(3):
        next(iterator)


@pytest.mark.parametrize("take", [next, all_of])
@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            lambda _: decode(ODD, TWO),
            "record odd has labels outside 0..1 and .* 255: 7 9",
        ),
        (lambda _: decode_image(tf.constant(b"\xff\xd8\xff")), "jpeg::Uncompress failed. Invalid JPEG data or crop .*"),
        (lambda one: tf.numpy_function(fail, [one], tf.int64), r"a.tfrecord: cannot be read \(gone\)"),
    ],
    ids=["labels", "photo", "file"],
)
def test_a_record_that_cannot_be_used_is_told_without_the_graph(take, made, told):
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        take(iter(tf.data.Dataset.range(5).map(made)))
    assert re.fullmatch(told, plain_message(error.value.message))
