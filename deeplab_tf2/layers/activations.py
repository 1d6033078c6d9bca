"""Activations by name: those of Keras, and those of official DeepLab that Keras does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="deeplab_tf2")
def q_sigmoid(x: Any) -> Any:
    """The piecewise linear sigmoid of MobileNetV3's gates, with the factor of the official code (not 1/6)."""
    return ops.relu6(x + 3.0) * 0.16667


@keras.saving.register_keras_serializable(package="deeplab_tf2")
def clip6(x: Any) -> Any:
    """Values cut to [-6, 6], for quantised inference."""
    return ops.clip(x, -6.0, 6.0)


_OURS: dict[str, Callable[[Any], Any]] = {"q_sigmoid": q_sigmoid, "clip6": clip6}


def activation(name: str | None) -> Callable[[Any], Any]:
    """The activation called `name`, "q_sigmoid", "clip6" or one of Keras; None is the identity."""
    return _OURS[name] if name in _OURS else keras.activations.get(name)
