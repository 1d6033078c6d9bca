"""Official preprocessing (resize to range, random scale, pad, crop, flip) as pure functions of tensors.

Nothing here draws random numbers: what is random comes in as numbers in [0, 1). All resizing is corner-aligned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import PAD_PIXEL, Resizing
from deeplab_tf2.data.resampling import resized_part


def range_size(
    size: tf.Tensor,
    min_resize_value: int,
    max_resize_value: int | None = None,
    resize_factor: int | None = None,
    keep_aspect_ratio: bool = True,
) -> tf.Tensor:
    """The size to which the official resize-to-range brings an image.

    Args:
        size: int32 [2], height and width.
        min_resize_value: wanted short side.
        max_resize_value: cap of the long side.
        resize_factor: each side becomes a multiple of it plus one.
        keep_aspect_ratio: otherwise both sides become the longer one.

    Returns:
        int32 [2].
    """
    cap = max_resize_value
    if cap is not None and resize_factor is not None:
        cap -= (cap - 1) % resize_factor
    dims = tf.cast(size, tf.float32)
    shortest, longest = tf.reduce_min(dims), tf.reduce_max(dims)
    new = tf.cast(dims * (min_resize_value / shortest), tf.int32)
    if cap is not None:
        capped = tf.cast(dims * (cap / longest), tf.int32)
        new = tf.where(tf.reduce_max(new) > cap, capped, new)
    if resize_factor is not None:
        new += (resize_factor - (new - 1) % resize_factor) % resize_factor
    if not keep_aspect_ratio:
        new = tf.fill([2], tf.reduce_max(new))
    return tf.maximum(new, 1)


def resized_size(size: tf.Tensor, resizing: Resizing) -> tf.Tensor:
    """`range_size` by the settings of `resizing`; without any, `size` itself."""
    if resizing.min_resize_value is None:
        return size
    return range_size(size, resizing.min_resize_value, resizing.max_resize_value, resizing.resize_factor)


def pad(
    image: tf.Tensor,
    label: tf.Tensor,
    size: tf.Tensor,
    ignore_label: int,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Pads at the bottom and right to at least `size`: the image with `pad_pixel`, the label with the ignore label.

    Returns:
        Image float32 [height, width, channels] and label int32 [height, width].
    """
    missing = tf.maximum(size - tf.shape(label), 0)
    paddings = tf.stack([tf.zeros_like(missing), missing], axis=1)
    image = pad_image(tf.cast(image, tf.float32), paddings, pad_pixel)
    return image, tf.pad(tf.cast(label, tf.int32), paddings, constant_values=ignore_label)


def pad_image(image: tf.Tensor, paddings: tf.Tensor, pad_pixel: Sequence[float]) -> tf.Tensor:
    """Adds rows and columns around an image.

    Args:
        image: float32 [..., height, width, channels].
        paddings: int32 [2, 2]: rows above and below, columns left and right.
        pad_pixel: value of each channel.
    """
    pixel = tf.constant(pad_pixel, tf.float32)
    others = tf.zeros([len(image.shape) - 2, 2], tf.int32)
    paddings = tf.concat([others[:-1], paddings, others[-1:]], axis=0)
    if len(set(pad_pixel)) == 1:
        return tf.pad(image, paddings, constant_values=pad_pixel[0])
    return tf.pad(image - pixel, paddings) + pixel


def random_scale(draw: tf.Tensor, minimum: float, maximum: float, step: float) -> tf.Tensor:
    """One of the official scale factors: `minimum`, `minimum + step`, ..., `maximum`; any between for step 0.

    Args:
        draw: float32 [] in [0, 1).
    """
    if step == 0 or minimum == maximum:
        return minimum + draw * (maximum - minimum)
    count = int((maximum - minimum) / step + 1)
    return tf.linspace(minimum, maximum, count)[tf.cast(draw * count, tf.int32)]


def scale_crop_flip(
    image: tf.Tensor,
    label: tf.Tensor,
    *,
    scale: tf.Tensor,
    draws: tf.Tensor,
    crop_size: tuple[int, int],
    ignore_label: int,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
    mirrored_labels: Sequence[int] = (),
    bounds: Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]] | None = None,
    recolor: Callable[[tf.Tensor], tf.Tensor] | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Scales, pads, crops and flips in one pass over the pixels that are kept.

    Equal to the official chain of five operations, because corner-aligned resizing reads each output pixel at a
    fixed place of the input: only the places inside the crop are read.

    Args:
        image: uint8 or float32 [height, width, channels].
        label: integer [height, width].
        scale: float32 [], factor on both sides.
        draws: float32 [3] in [0, 1): vertical place, horizontal place, flip (at most a half flips).
        crop_size: height and width of the result.
        ignore_label: label of padded pixels.
        pad_pixel: RGB of padded pixels.
        mirrored_labels: what each label becomes in a mirrored image; empty: itself.
        bounds: the smallest and the largest beginning of the crop, int32 [2] each, for the scaled height and width
            int32 [2]; None for all there are.
        recolor: changes the kept pixels float32 [height, width, channels] before they are padded.

    Returns:
        Image float32 [*crop_size, channels] and label int32 [*crop_size].
    """
    crop = tf.constant(crop_size, tf.int32)
    scaled = tf.maximum(tf.cast(tf.cast(tf.shape(label), tf.float32) * scale, tf.int32), 1)
    first, last = (0, tf.maximum(scaled, crop) - crop) if bounds is None else bounds(scaled)
    room = last - first + 1
    offset = first + tf.minimum(tf.cast(draws[:2] * tf.cast(room, tf.float32), tf.int32), room - 1)
    kept = tf.minimum(scaled, crop)
    flip = draws[2] <= 0.5
    patch, mask = resized_part(image, label, scaled, offset, kept)
    if recolor is not None:
        patch = recolor(patch)
    # Padding by nothing is a copy all the same.
    patch, mask = tf.cond(
        tf.reduce_all(kept == crop), lambda: (patch, mask), lambda: pad(patch, mask, crop, ignore_label, pad_pixel)
    )
    table = _mirror_table(mirrored_labels, ignore_label)

    def mirrored() -> tuple[tf.Tensor, tf.Tensor]:
        labels = mask if table is None else tf.gather(table, mask)
        # A slice with a negative step takes ten times as long.
        return tf.reverse(patch, [1]), tf.reverse(labels, [1])

    patch, mask = tf.cond(flip, mirrored, lambda: (patch, mask))
    channels = image.shape[-1]
    return tf.ensure_shape(patch, [*crop_size, channels]), tf.ensure_shape(mask, crop_size)


def _mirror_table(mirrored_labels: Sequence[int], ignore_label: int) -> np.ndarray | None:
    """What each of the values 0..255 becomes, int32 [256]; None where all stay."""
    table = np.arange(256, dtype=np.int32)
    table[: len(mirrored_labels)] = mirrored_labels
    # Padding has this label too, and has no side.
    table[ignore_label] = ignore_label
    return None if (table == np.arange(256)).all() else table
