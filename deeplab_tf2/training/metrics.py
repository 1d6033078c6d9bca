"""Mean intersection over union as a Keras metric."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class MeanIoU(keras.metrics.Metric):
    """Mean over classes of tp / (tp + fp + fn), from logits; classes neither true nor predicted are left out.

    Example: `MeanIoU(descriptor)` or `MeanIoU(num_classes=21, ignore_label=255)`.

    Args:
        descriptor: anything with `num_classes` and `ignore_label`; the next two arguments otherwise.
        num_classes: number of classes.
        ignore_label: label whose pixels do not count.
    """

    def __init__(
        self,
        descriptor: Any = None,
        *,
        num_classes: int | None = None,
        ignore_label: int = 255,
        name: str = "miou",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if descriptor is not None:
            num_classes, ignore_label = descriptor.num_classes, descriptor.ignore_label
        if num_classes is None:
            raise ValueError("MeanIoU needs a descriptor, or num_classes")
        self.num_classes = num_classes
        self.ignore_label = ignore_label
        # Integers: float32 stops counting at 16.7 million pixels. JAX has no 64-bit ones by default.
        exact = "int32" if keras.backend.backend() == "jax" else "int64"
        self.matrix = self.add_variable((self.num_classes**2,), initializer="zeros", dtype=exact, name="matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Counts labels [batch, height, width] against logits [batch, height, width, classes]."""
        truth = ops.reshape(ops.cast(y_true, "int32"), (-1,))
        predicted = ops.reshape(ops.cast(ops.argmax(y_pred, axis=-1), "int32"), (-1,))
        valid = truth != self.ignore_label
        cells = ops.where(valid, truth, 0) * self.num_classes + predicted
        counts = ops.segment_sum(ops.cast(valid, self.matrix.dtype), cells, num_segments=self.num_classes**2)
        self.matrix.assign_add(counts)

    def result(self) -> Any:
        matrix = ops.reshape(ops.cast(self.matrix, "float32"), (self.num_classes, self.num_classes))
        right = ops.diagonal(matrix)
        union = ops.sum(matrix, 0) + ops.sum(matrix, 1) - right
        present = ops.cast(union > 0, "float32")
        return ops.sum(right / ops.maximum(union, 1.0)) / ops.maximum(ops.sum(present), 1.0)

    def get_config(self) -> dict[str, Any]:
        config = {"num_classes": self.num_classes, "ignore_label": self.ignore_label}
        return {**super().get_config(), **config}
