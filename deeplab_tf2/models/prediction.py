"""What a network says about images: its end points, the probabilities of the classes, their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import InputError
from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest
from deeplab_tf2.models.deeplab import DeepLab


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class EndPoints(keras.Model):
    """A network whose output is the dictionary of its end points.

    Maps images, see the tensor contract, to float arrays under the official names: "logits" at their own
    stride, "logits_up" at image size, "backbone", "aspp", "decoder", "low_level_4", "endpoint_Cell_8" ... as far as
    the configuration has them.

    Args:
        network: the `DeepLab`; its weights are shared.
    """

    def __init__(self, network: DeepLab, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.network = network
        self.built = True

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


def predict(
    model: DeepLab,
    images: Any,
    scales: Sequence[float] = (1.0,),
    flip: bool = False,
    mirrored_labels: Sequence[int] = (),
    pooled: Any = None,
) -> dict[str, Any]:
    """Labels and probabilities, at several input scales and with mirror images if wanted (DeepLabv3, section 4.1).

    Args:
        model: the network.
        images: [batch, height, width, channels], see the tensor contract.
        scales: factors on the input size. Other than exactly (1.0,), they take the place of the configuration's
            `image_pyramid`.
        flip: whether each scale also sees the image mirrored, left to right.
        mirrored_labels: what each class becomes in a mirrored image, a left eye a right eye (the descriptor's
            `mirrored_labels`); empty: itself.
        pooled: at a single scale and without mirror images, see `DeepLab.endpoints`.

    Returns:
        "labels" int32 [batch, height, width] and "probabilities" float32 [batch, height, width, classes] at image
        size, tensors of the backend: the softmax, or its mean over scales and mirror images. Without
        `prediction_with_upsampled_logits`, both are made at the logits' own stride and then brought to image size.

    Raises:
        InputError: the images are no such array, there is no scale above 0, or the mirrored labels are not one per
            class.
    """
    scales = (scales,) if isinstance(scales, int | float) else tuple(scales)
    shape: Any = getattr(images, "shape", ())
    channels = model.config.input_channels
    if len(shape) != 4 or shape[-1] not in (channels, None):
        raise InputError(f"images has shape {tuple(shape)}; give an array [batch, height, width, {channels}]")
    if not scales or min(scales) <= 0:
        raise InputError(f"scales is {scales}; give numbers above 0, for example (0.5, 1.0, 1.5)")
    classes = range(model.config.num_classes)
    if mirrored_labels and sorted(mirrored_labels) != list(classes):
        raise InputError(f"mirrored_labels is {tuple(mirrored_labels)}; give each of 0..{classes[-1]} once, or nothing")
    size = _size(images)
    if scales != (1.0,) or flip:
        probabilities = _mean_softmax(model, images, scales, flip, tuple(mirrored_labels) or tuple(classes))
        return {"labels": _argmax(probabilities), "probabilities": probabilities}
    logits = ops.cast(model.endpoints(images, training=False, pooled=pooled)["logits"], "float32")
    if model.config.prediction_with_upsampled_logits:
        logits = resize_bilinear(logits, size)
        return {"labels": _argmax(logits), "probabilities": ops.softmax(logits)}
    return {
        "labels": resize_nearest(_argmax(logits), size),
        "probabilities": resize_bilinear(ops.softmax(logits), size),
    }


def predict_probabilities(
    model: DeepLab,
    images: Any,
    scales: Sequence[float] = (1.0,),
    flip: bool = False,
    mirrored_labels: Sequence[int] = (),
) -> Any:
    """The probabilities of `predict`, float32 [batch, height, width, classes]."""
    return predict(model, images, scales, flip, mirrored_labels)["probabilities"]


def _mean_softmax(
    model: DeepLab, images: Any, scales: tuple[float, ...], flip: bool, mirrored_labels: tuple[int, ...]
) -> Any:
    images = ops.cast(images, "float32")
    total: Any = 0.0
    mirrored: Any = 0.0
    for scale in scales:
        total = total + _softmax_at(model, images, scale)
        if flip:
            mirrored = mirrored + _softmax_at(model, ops.flip(images, axis=2), scale)
    if not flip:
        return total / len(scales)
    if mirrored_labels != tuple(range(len(mirrored_labels))):
        mirrored = ops.take(mirrored, mirrored_labels, axis=-1)
    return (total + ops.flip(mirrored, axis=2)) / (2 * len(scales))


def _softmax_at(model: DeepLab, images: Any, scale: float) -> Any:
    logits = ops.cast(model.endpoints(images, training=False, scales=(scale,))["logits"], "float32")
    return ops.softmax(resize_bilinear(logits, _size(images)))


def _argmax(values: Any) -> Any:
    return ops.cast(ops.argmax(values, axis=-1), "int32")


def _size(images: Any) -> tuple[Any, Any]:
    height, width = ops.shape(images)[1:3]
    return height, width
