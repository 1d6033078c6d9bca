"""Means over sliding windows, for maps and windows of any size."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def window_mean(inputs: Any, window: tuple[Any, Any], strides: tuple[int, int] = (1, 1)) -> Any:
    """Averages [batch, height, width, channels] over windows that lie wholly inside (padding VALID).

    A window larger than the map is cut to it. Stock pooling needs windows whose size is known when the graph is made.

    Args:
        inputs: floating point tensor.
        window: (height, width); integers or scalar tensors.
        strides: vertical and horizontal.

    Returns:
        [batch, number of vertical places, number of horizontal places, channels].
    """
    height, width = ops.shape(inputs)[1:3]
    dtype = keras.backend.result_type(inputs.dtype, "float32")
    rows = ops.cast(_averages(height, window[0], strides[0], dtype), inputs.dtype)
    columns = ops.cast(_averages(width, window[1], strides[1], dtype), inputs.dtype)
    # Matrix products, because einsum cannot plan for an unknown batch size on every backend.
    narrowed = ops.matmul(columns, inputs)
    return ops.swapaxes(ops.matmul(rows, ops.swapaxes(narrowed, 1, 2)), 1, 2)


def _averages(size: Any, window: Any, stride: int, dtype: str) -> Any:
    """The matrix [places, size] that averages a line."""
    known = isinstance(window, int) and isinstance(size, int)
    window = min(window, size) if known else ops.minimum(window, size)
    starts = ops.arange(0, size - window + 1, stride, dtype="int32")[:, None]
    places = ops.arange(size, dtype="int32")[None]
    inside = ops.logical_and(places >= starts, places < starts + window)
    return ops.cast(inside, dtype) / ops.cast(window, dtype)
