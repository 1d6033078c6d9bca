"""Corner-aligned resizing: the official operations, and parts of their results for less."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


def resize(image: tf.Tensor, label: tf.Tensor, size: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Resizes an image bilinearly and its label to the nearest pixel.

    Args:
        image: uint8 or float32 [height, width, channels].
        label: integer [height, width].
        size: int32 [2].

    Returns:
        Image float32 [*size, channels] and label int32 [*size].
    """
    resized = tf.raw_ops.ResizeBilinear(images=image[tf.newaxis], size=size, align_corners=True)[0]
    return resized, resize_label(label, size)


def resize_label(label: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """A label [height, width] of integers as int32 [*size], each pixel from its nearest."""
    return _take_nearest(label, _places(tf.shape(label), size, tf.zeros([2], tf.int32), size))


def resized_part(
    image: tf.Tensor, label: tf.Tensor, scaled: tf.Tensor, offset: tf.Tensor, kept: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """A part of a resized image and its label; pixels outside of the part cost nothing.

    Args:
        image: uint8, uint16 or float32 [height, width, channels].
        label: integer [height, width].
        scaled: int32 [2], height and width to resize to.
        offset: int32 [2], where the part begins.
        kept: int32 [2], height and width of the part.

    Returns:
        Image float32 [*kept, channels] and label int32 [*kept], as cut out of what `resize` gives.
    """

    def as_it_is() -> tuple[tf.Tensor, tf.Tensor]:
        patch = tf.slice(image, tf.pad(offset, [[0, 1]]), tf.concat([kept, [-1]], axis=0))
        return tf.cast(patch, tf.float32), tf.cast(tf.slice(label, offset, kept), tf.int32)

    def part() -> tuple[tf.Tensor, tf.Tensor]:
        places = _places(tf.shape(label), scaled, offset, kept)
        return _take_bilinear(image, places), _take_nearest(label, places)

    def all_or_part() -> tuple[tf.Tensor, tf.Tensor]:
        return tf.cond(tf.reduce_all(kept == scaled), lambda: resize(image, label, scaled), part)

    return tf.cond(tf.reduce_all(scaled == tf.shape(label)), as_it_is, all_or_part)


def _places(size: tf.Tensor, scaled: tf.Tensor, offset: tf.Tensor, kept: tf.Tensor) -> list[tf.Tensor]:
    """Where corner-aligned resizing reads the kept rows and columns, as positions in the input: two float32 [kept]."""
    steps = tf.cast(size - 1, tf.float32) / tf.cast(tf.maximum(scaled - 1, 1), tf.float32)
    return [tf.cast(tf.range(offset[axis], offset[axis] + kept[axis]), tf.float32) * steps[axis] for axis in (0, 1)]


def _take_bilinear(image: tf.Tensor, places: Sequence[tf.Tensor]) -> tf.Tensor:
    last = tf.shape(image)[:2] - 1
    lower = [tf.minimum(tf.cast(place, tf.int32), last[axis]) for axis, place in enumerate(places)]
    upper = [tf.minimum(lower[axis] + 1, last[axis]) for axis in (0, 1)]
    # What no kept pixel reads is not even made float.
    begin = tf.stack([lower[0][0], lower[1][0], 0])
    size = tf.stack([upper[0][-1] - begin[0] + 1, upper[1][-1] - begin[1] + 1, -1])
    patch = tf.cast(tf.slice(image, begin, size), tf.float32)
    # Rows are copied at once, columns value by value: both times rows are taken.
    for axis in (0, 1):
        one, other = tf.gather(patch, lower[axis] - begin[axis]), tf.gather(patch, upper[axis] - begin[axis])
        shares = places[axis] - tf.cast(lower[axis], tf.float32)
        patch = tf.transpose(one + (other - one) * shares[:, tf.newaxis, tf.newaxis], [1, 0, 2])
    return patch


def _take_nearest(label: tf.Tensor, places: Sequence[tf.Tensor]) -> tf.Tensor:
    size = tf.shape(label)
    # Halves go up: the native op rounds that way, tf.round goes to the even neighbour.
    rows, columns = (
        tf.minimum(tf.cast(tf.floor(place + 0.5), tf.int32), size[axis] - 1) for axis, place in enumerate(places)
    )
    # Taking rows twice is no faster, and oneDNN complains of integers in the transposition, in every run.
    pixels = rows[:, tf.newaxis] * size[1] + columns
    return tf.cast(tf.gather(tf.reshape(label, [-1]), pixels), tf.int32)
