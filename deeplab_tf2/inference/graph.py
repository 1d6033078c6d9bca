"""From pixels to labels and probabilities as TensorFlow operations: Python predicts with what is exported."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from deeplab_tf2.config import NO_RESIZING, InputError, Resizing, aligned_size
from deeplab_tf2.data import transforms
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.data.record_tensors import decode_image
from deeplab_tf2.models.prediction import predict


def labels_and_probabilities(
    model: keras.Model, images: tf.Tensor, resizing: Resizing = NO_RESIZING, pooled: tf.Tensor | None = None
) -> dict[str, tf.Tensor]:
    """Segments images of any size, padded exactly as evaluation pads them.

    Args:
        model: a `DeepLab`.
        images: uint8 [batch, height, width, 3], or uint16 [batch, height, width, channels] for other channels.
        resizing: what happens to the images first; results come back at the original size (labels by the
            nearest pixel, probabilities bilinearly, both corner-aligned).
        pooled: for parts of a larger image, see `DeepLab.endpoints`.

    Returns:
        "labels" int32 [batch, height, width] and "probabilities" float32 [batch, height, width, classes].
    """
    original = tf.shape(images)[1:3]
    if resizing:
        size = transforms.resized_size(original, resizing)
        images = tf.raw_ops.ResizeBilinear(images=images, size=size, align_corners=True)
    height, width = tf.unstack(tf.shape(images)[1:3])
    padded = pad_images(images, model.config.output_stride, model.pad_pixel)
    found = {name: value[:, :height, :width] for name, value in predict(model, padded, pooled=pooled).items()}
    labels, probabilities = found["labels"], found["probabilities"]
    if resizing:
        columns = labels[..., tf.newaxis]
        labels = tf.raw_ops.ResizeNearestNeighbor(images=columns, size=original, align_corners=True)[..., 0]
        probabilities = tf.raw_ops.ResizeBilinear(images=probabilities, size=original, align_corners=True)
    return {"labels": labels, "probabilities": probabilities}


def pad_images(images: tf.Tensor, output_stride: int, pad_pixel: Sequence[float]) -> tf.Tensor:
    """Pads images at the bottom and right to sides of k * output_stride + 1.

    Args:
        images: [batch, height, width, channels].
        output_stride: that of the network.
        pad_pixel: value of the padding by channel: that of the network.

    Returns:
        float32 [batch, padded height, padded width, channels].
    """
    size = tf.shape(images)[1:3]
    missing = aligned_size(size, output_stride) - size
    paddings = tf.stack([tf.zeros_like(missing), missing], axis=1)
    return transforms.pad_image(tf.cast(images, tf.float32), paddings, pad_pixel)


def decode_images(data: tf.Tensor, channels: int = RGB) -> tf.Tensor:
    """Decodes JPEG or PNG files of one size, string [batch], to images [batch, height, width, channels].

    Those of other channels than 3 are files as records hold them, see `data.band_records`.
    """

    def decode(one: tf.Tensor) -> tf.Tensor:
        return decode_image(one, channels)

    return tf.map_fn(decode, data, fn_output_signature=tf.TensorSpec([None, None, channels], pixel_type(channels)))


def pixel_type(channels: int) -> tf.DType:
    """The type of the pixels of images that are not padded yet."""
    return tf.uint8 if channels == RGB else tf.uint16


def check_backend() -> None:
    """Refuses Keras backends whose networks are no TensorFlow operations.

    Raises:
        InputError: the backend is not TensorFlow.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise InputError(
            f"KERAS_BACKEND is {backend}; prediction and export need tensorflow: set "
            "KERAS_BACKEND=tensorflow, the checkpoints of a run are the same for all backends"
        )


_Traced = Callable[[Any], dict[str, tf.Tensor]]
_TRACED: weakref.WeakKeyDictionary[keras.Model, dict[Any, _Traced]] = weakref.WeakKeyDictionary()


def traced(
    model: keras.Model, resizing: Resizing = NO_RESIZING, padded: bool = False, probabilities: bool = True
) -> _Traced:
    """`labels_and_probabilities` of a model, traced once for all sizes; it follows the weights.

    Args:
        model: a `DeepLab`.
        resizing: what happens to the images first.
        padded: whether images come as float32, those of a batch padded to one size, see `pad_images`.
        probabilities: whether there are any; labels alone take less time and memory.
    """
    check_backend()
    functions = _TRACED.setdefault(model, {})
    key = (resizing, padded, probabilities)
    if key not in functions:
        # A reference to the model from here would keep it alive for ever.
        network = weakref.ref(model)
        channels = model.config.input_channels
        pixels = tf.TensorSpec([None, None, None, channels], tf.float32 if padded else pixel_type(channels))

        @tf.function(input_signature=[pixels], autograph=False)
        def function(images: tf.Tensor) -> dict[str, tf.Tensor]:
            found = labels_and_probabilities(network(), images, resizing)
            return found if probabilities else {"labels": found["labels"]}

        functions[key] = function
    return functions[key]
