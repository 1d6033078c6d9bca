"""Crops that hold a pixel of a class drawn at random, so that rare classes are seen as often as common ones."""

from __future__ import annotations

import tensorflow as tf

from deeplab_tf2.data.resampling import resize_label

_LABELS = 256


def crop_bounds(
    label: tf.Tensor, scaled: tf.Tensor, crop: tf.Tensor, draws: tf.Tensor, ignore_label: int
) -> tuple[tf.Tensor, tf.Tensor]:
    """Where a crop may begin so that it holds one pixel of a class.

    The class is drawn from those that the mask has at this scale, each as likely as the others, and the pixel from
    those of the class.

    Args:
        label: uint8 or int32 [height, width] of values 0..255.
        scaled: int32 [2], height and width to which the label will be resized.
        crop: int32 [2], height and width of the crop.
        draws: float32 [2] in [0, 1): the class, the pixel.
        ignore_label: label that is no class.

    Returns:
        The smallest and the largest legal beginning, int32 [2] each; all there are where the mask has no class.
    """
    last = tf.maximum(scaled, crop) - crop
    size = tf.shape(label)
    # Pixels that a smaller image leaves out cannot be met; a larger one has all.
    kept = tf.minimum(scaled, size)
    seen = tf.cond(tf.reduce_all(kept == size), lambda: tf.cast(label, tf.int32), lambda: resize_label(label, kept))
    counts = tf.math.bincount(tf.reshape(seen, [-1]), minlength=_LABELS, maxlength=_LABELS)
    counts = tf.where(tf.range(_LABELS) == ignore_label, 0, counts)
    present = tf.reshape(tf.where(counts > 0), [-1])

    def around_a_pixel() -> tuple[tf.Tensor, tf.Tensor]:
        chosen = tf.cast(present[_one_of(tf.size(present), draws[0])], tf.int32)
        places = tf.where(seen == chosen)
        place = tf.cast(places[_one_of(tf.shape(places)[0], draws[1])], tf.float64)
        steps = tf.cast(scaled - 1, tf.float64) / tf.cast(tf.maximum(kept - 1, 1), tf.float64)
        pixel = tf.cast(tf.round(place * steps), tf.int32)
        return tf.maximum(pixel - crop + 1, 0), tf.minimum(pixel, last)

    return tf.cond(tf.size(present) > 0, around_a_pixel, lambda: (tf.zeros_like(last), last))


def _one_of(count: tf.Tensor, draw: tf.Tensor) -> tf.Tensor:
    # In float32 the product could round up to the count.
    return tf.cast(tf.cast(draw, tf.float64) * tf.cast(count, tf.float64), tf.int32)
