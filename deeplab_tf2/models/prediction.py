"""What a network says about images: its end points, the probabilities of the classes, their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest
from deeplab_tf2.models.deeplab import DeepLab


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class EndPoints(keras.Model):
    """A network whose output is the dictionary of its end points.

    Maps images [batch, height, width, 3] in 0..255 to float arrays under the official names: "logits" at their own
    stride, "logits_up" at image size, "backbone", "aspp", "decoder", "low_level_4", "endpoint_Cell_8" ... as far as
    the configuration has them.

    Args:
        network: the `DeepLab`; its weights are shared.
    """

    def __init__(self, network: DeepLab, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.network = network

    def call(self, images: Any, training: bool | None = None) -> dict[str, Any]:
        features = self.network.endpoints(images, training)
        features["logits_up"] = resize_bilinear(features["logits"], _size(images))
        return {name: ops.cast(value, "float32") for name, value in features.items()}

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "network": keras.saving.serialize_keras_object(self.network)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> EndPoints:
        return cls(keras.saving.deserialize_keras_object(config["network"]), name=config["name"])


def endpoints(model: DeepLab) -> EndPoints:
    """A Keras model from images to the named end points of `model`, see `EndPoints`."""
    return EndPoints(model)


def predict_probabilities(model: DeepLab, images: Any, scales: Sequence[float] = (1.0,), flip: bool = False) -> Any:
    """The mean softmax over input scales and mirror images (DeepLabv3, section 4.1).

    Args:
        model: the network.
        images: uint8 or float [batch, height, width, 3] in 0..255.
        scales: factors on the input size. Other than exactly (1.0,), they take the place of the configuration's
            `image_pyramid`.
        flip: whether each scale also sees the image mirrored, left to right.

    Returns:
        float32 [batch, height, width, classes] at image size, a tensor of the backend.
    """
    size, scales = _size(images), tuple(scales)
    if scales == (1.0,) and not flip:
        logits = ops.cast(model.endpoints(images, training=False)["logits"], "float32")
        if model.config.prediction_with_upsampled_logits:
            return ops.softmax(resize_bilinear(logits, size))
        return resize_bilinear(ops.softmax(logits), size)
    images = ops.cast(images, "float32")
    total: Any = 0.0
    for scale in scales:
        total = total + _softmax_at(model, images, scale, size)
        if flip:
            total = total + ops.flip(_softmax_at(model, ops.flip(images, axis=2), scale, size), axis=2)
    return total / (len(scales) * (1 + flip))


def _softmax_at(model: DeepLab, images: Any, scale: float, size: tuple[Any, Any]) -> Any:
    logits = ops.cast(model.endpoints(images, training=False, scales=(scale,))["logits"], "float32")
    return ops.softmax(resize_bilinear(logits, size))


def predict_labels(model: DeepLab, images: Any, scales: Sequence[float] = (1.0,), flip: bool = False) -> Any:
    """The most probable class of each pixel.

    Without `prediction_with_upsampled_logits`, labels at the logits' stride are brought to image size instead, each
    pixel from its nearest.

    Args: as those of `predict_probabilities`.

    Returns:
        int32 [batch, height, width].
    """
    if model.config.prediction_with_upsampled_logits or tuple(scales) != (1.0,) or flip:
        return ops.cast(ops.argmax(predict_probabilities(model, images, scales, flip), axis=-1), "int32")
    labels = ops.cast(ops.argmax(model.endpoints(images, training=False)["logits"], axis=-1), "int32")
    return resize_nearest(labels, _size(images))


def _size(images: Any) -> tuple[Any, Any]:
    height, width = ops.shape(images)[1:3]
    return height, width
