"""Random colours: brightness, contrast, saturation and hue in one linear pass over the pixels."""

from __future__ import annotations

import math

import tensorflow as tf

from deeplab_tf2.data.files.band_arrays import RGB

# At strength 1: what is added, as a share of the range; the factors' distance from 1; and the turn of the hues.
_BRIGHTNESS, _CONTRAST, _SATURATION, _HUE = 1 / 8, 0.5, 0.5, 0.1 * 2 * math.pi
_LUMA = (0.299, 0.587, 0.114)
_BYTE, _WORD = 255.0, 65535.0


def change_colors(image: tf.Tensor, draws: tf.Tensor, strength: float) -> tf.Tensor:
    """An image in another light, by another camera.

    At full strength brightness moves by up to an eighth of the range, contrast and saturation by up to a half of
    themselves, hues by up to 36 degrees. Channels other than RGB keep their proportions: only their brightness and
    contrast change, each channel within the range that it has in this image.

    Args:
        image: float32 [height, width, channels], without padding.
        draws: float32 [4] in [0, 1): brightness, contrast, saturation, hue; 0.5 changes nothing.
        strength: how far they reach, in [0, 1].

    Returns:
        float32 [height, width, channels], cut to 0..255 (to 0..65535 where the image goes beyond 255).
    """
    brightness, contrast, saturation, hue = tf.unstack((2 * draws - 1) * strength)
    contrast = 1 + _CONTRAST * contrast
    if image.shape[-1] != RGB:
        highest = tf.reduce_max(image, axis=(0, 1))
        reach = highest - tf.reduce_min(image, axis=(0, 1))
        middle = tf.reduce_mean(image, axis=(0, 1))
        shift = (1 - contrast) * middle + _BRIGHTNESS * brightness * reach
        limit = tf.where(tf.reduce_max(highest) > _BYTE, _WORD, _BYTE)
        return tf.clip_by_value(image * contrast + shift, 0.0, limit)
    middle = tf.tensordot(tf.reduce_mean(image, axis=(0, 1)), tf.constant(_LUMA), 1)
    shift = (1 - contrast) * middle + _BRIGHTNESS * brightness * _BYTE
    # Greys stay grey in the matrix, so what is added may follow it.
    matrix = contrast * tf.matmul(_hue(_HUE * hue), _saturation(1 + _SATURATION * saturation))
    pixels = tf.matmul(tf.reshape(image, [-1, RGB]), matrix, transpose_b=True) + shift
    return tf.reshape(tf.clip_by_value(pixels, 0.0, _BYTE), tf.shape(image))


def _saturation(factor: tf.Tensor) -> tf.Tensor:
    """The matrix [3, 3] that moves colours away from their grey, or towards it."""
    return factor * tf.eye(RGB) + (1 - factor) * tf.ones([RGB, 1]) * tf.constant([_LUMA])


def _hue(angle: tf.Tensor) -> tf.Tensor:
    """The matrix [3, 3] that turns colours around the axis of greys, from red towards green, by radians."""
    across = tf.constant([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(RGB)
    return tf.cos(angle) * tf.eye(RGB) + (1 - tf.cos(angle)) / RGB * tf.ones([RGB, RGB]) + tf.sin(angle) * across
