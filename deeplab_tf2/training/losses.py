"""The loss of official DeepLab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class SegmentationLoss(keras.losses.Loss):
    """Cross entropy over the valid pixels of a batch.

    loss = sum_i w[y_i] * -log softmax(logits_i)[y_i] / max(1, n), over the pixels whose label y_i is not the ignore
    label; n is their number, so weights change the scale of the loss (official DeepLab, train_utils).

    Args:
        ignore_label: label whose pixels do not count.
        label_weights: one weight per class; None for 1.
    """

    def __init__(
        self,
        ignore_label: int = 255,
        label_weights: Sequence[float] | None = None,
        name: str = "segmentation_loss",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.ignore_label = ignore_label
        self.label_weights = None if label_weights is None else tuple(float(weight) for weight in label_weights)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss [] of labels [batch, height, width] and logits [batch, height, width, classes]."""
        labels = ops.cast(y_true, "int32")
        valid = labels != self.ignore_label
        safe = ops.where(valid, labels, 0)
        losses = ops.sparse_categorical_crossentropy(safe, ops.cast(y_pred, "float32"), from_logits=True)
        weights = ops.cast(valid, losses.dtype)
        count = ops.maximum(ops.sum(weights), 1.0)
        if self.label_weights is not None:
            weights = weights * ops.take(ops.convert_to_tensor(self.label_weights, losses.dtype), safe, axis=0)
        return ops.sum(losses * weights) / count

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "ignore_label": self.ignore_label,
            "label_weights": self.label_weights,
        }
