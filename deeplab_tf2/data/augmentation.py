"""One sample of training: official preprocessing, and what goes beyond it when asked for."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from deeplab_tf2.config import PAD_PIXEL, DataConfig
from deeplab_tf2.data import transforms
from deeplab_tf2.data.class_crops import crop_bounds
from deeplab_tf2.data.photometric import change_colors
from deeplab_tf2.data.resampling import resize

# Each idea has numbers of its own: switched on, it leaves those of the others as they are.
_COLORS, _CLASSES = 1, 2


def augment(
    image: tf.Tensor,
    label: tf.Tensor,
    index: tf.Tensor,
    config: DataConfig,
    ignore_label: int,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
    *,
    mirrored_labels: Sequence[int] = (),
) -> tuple[tf.Tensor, tf.Tensor]:
    """Official training preprocessing of one sample, random in a way that depends on (seed, index) only.

    Args:
        image: uint8 or uint16 [height, width, channels].
        label: uint8 [height, width].
        index: int64 [], place in the training stream.
        config: crop size, scales, strengths of what is random, and seed.
        ignore_label: label of padded pixels.
        pad_pixel: value of padded pixels.
        mirrored_labels: what each label becomes in a mirrored image; empty: itself.

    Returns:
        Image float32 [*crop, channels] and label int32 [*crop].
    """
    if config.resizing:
        image, label = resize(image, label, transforms.resized_size(tf.shape(label), config.resizing))
    draws = tf.random.stateless_uniform([4], [config.seed, index])
    scale = transforms.random_scale(
        draws[0], config.min_scale_factor, config.max_scale_factor, config.scale_factor_step_size
    )
    height, width = config.train_crop_size

    def bounds(scaled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        crop = tf.constant([height, width])
        by_class = _draws(_CLASSES, 3, config.seed, index)
        return tf.cond(
            by_class[0] < config.class_aware_crops,
            lambda: crop_bounds(label, scaled, crop, by_class[1:], ignore_label),
            lambda: (tf.zeros_like(crop), tf.maximum(scaled, crop) - crop),
        )

    def recolor(patch: tf.Tensor) -> tf.Tensor:
        return change_colors(patch, _draws(_COLORS, 4, config.seed, index), config.photometric_augmentation)

    return transforms.scale_crop_flip(
        image,
        label,
        scale=scale,
        draws=draws[1:],
        crop_size=(height, width),
        ignore_label=ignore_label,
        pad_pixel=pad_pixel,
        mirrored_labels=mirrored_labels,
        bounds=bounds if config.class_aware_crops else None,
        recolor=recolor if config.photometric_augmentation else None,
    )


def _draws(purpose: int, count: int, seed: int, index: tf.Tensor) -> tf.Tensor:
    """Random numbers in [0, 1), float32 [count], that depend on the arguments only."""
    key = tf.random.experimental.stateless_fold_in(tf.stack([tf.constant(seed, tf.int64), index]), purpose)
    return tf.random.stateless_uniform([count], key)
