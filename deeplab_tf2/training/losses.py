"""The loss of official DeepLab, and what may be added to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.training import loss_terms


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class SegmentationLoss(keras.losses.Loss):
    """Cross entropy over the valid pixels of a batch.

    loss = sum_i w[y_i] * -log softmax(logits_i)[y_i] / max(1, n), over the pixels whose label y_i is not the ignore
    label; n is their number, so weights change the scale of the loss (official DeepLab, train_utils). With hard
    example mining the sum is that of the largest weighted losses, over the number of those that are not 0. A label
    that is neither a class nor the ignore label counts in n with a loss of 0, and with weights has no gradient.

    Args:
        ignore_label: label whose pixels do not count.
        label_weights: one weight per class; None for 1.
        top_k_percent_pixels: share of all pixels, the hardest, that count; 1 for all.
        hard_example_mining_step: steps over which that share comes down from 1; 0: it is there from the start.
        focal_gamma: exponent of the focal loss; 0 for none.
        dice_loss_weight: factor of a Dice loss of the classes that occur, which is added; 0 for none.
        boundary_loss_weight: what is added to the weight of pixels near a border between labels; 0 for nothing.
        boundary_width: how many rows and columns away from another label a pixel is near a border.
    """

    def __init__(
        self,
        ignore_label: int = 255,
        label_weights: Sequence[float] | None = None,
        *,
        top_k_percent_pixels: float = 1.0,
        hard_example_mining_step: int = 0,
        focal_gamma: float = 0.0,
        dice_loss_weight: float = 0.0,
        boundary_loss_weight: float = 0.0,
        boundary_width: int = 5,
        name: str = "segmentation_loss",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.ignore_label = ignore_label
        self.label_weights = None if label_weights is None else tuple(float(weight) for weight in label_weights)
        self.top_k_percent_pixels = top_k_percent_pixels
        self.hard_example_mining_step = hard_example_mining_step
        self.focal_gamma = focal_gamma
        self.dice_loss_weight = dice_loss_weight
        self.boundary_loss_weight = boundary_loss_weight
        self.boundary_width = boundary_width

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss [] of labels [batch, height, width] and logits [batch, height, width, classes]."""
        total, count = self.sums(y_true, y_pred)
        return total / ops.maximum(count, 1.0)

    def sums(self, labels: Any, logits: Any, step: Any = None) -> tuple[Any, Any]:
        """Numerator and divisor of the loss, which parts of a batch can add up.

        Args:
            labels: integers [batch, height, width].
            logits: [batch, height, width, classes]; computed with in float32 at least.
            step: steps done so far, for the ramp of hard example mining; None: the ramp is over.

        Returns:
            Numerator and divisor, [] each. With hard example mining the divisor is 1, so that parts are averaged.

        Raises:
            ValueError: there is not one label weight per class.
        """
        self._check_weights(logits.shape[-1])
        labels = ops.cast(labels, "int32")
        logits = ops.cast(logits, keras.backend.result_type(logits.dtype, "float32"))
        valid = labels != self.ignore_label
        losses = self._weighted(labels, logits, valid)
        if self.top_k_percent_pixels < 1:
            mined, number = loss_terms.hardest(losses, self._share(step))
            total, count = mined / ops.maximum(number, 1.0), ops.ones((), logits.dtype)
        else:
            total, count = ops.sum(losses), ops.sum(ops.cast(valid, logits.dtype))
        if self.dice_loss_weight:
            total = total + self.dice_loss_weight * count * loss_terms.dice_loss(labels, logits, valid)
        return total, count

    def _check_weights(self, classes: int) -> None:
        if self.label_weights is not None and len(self.label_weights) != classes:
            raise ValueError(f"{len(self.label_weights)} label_weights for {classes} classes: give one per class")

    def _weighted(self, labels: Any, logits: Any, valid: Any) -> Any:
        losses = loss_terms.cross_entropy(labels, logits)
        weights = ops.cast(valid, logits.dtype)
        if self.focal_gamma:
            weights = weights * loss_terms.focal_factors(losses, self.focal_gamma)
        if self.label_weights is not None:
            table = ops.convert_to_tensor(self.label_weights, logits.dtype)
            weights = weights * loss_terms.class_weights(labels, table)
        if self.boundary_loss_weight:
            near = loss_terms.near_border(labels, valid, self.boundary_width)
            weights = weights * (1.0 + self.boundary_loss_weight * ops.cast(near, logits.dtype))
        return losses * weights

    def _share(self, step: Any) -> Any:
        """The share of the pixels that count at a step, [] float32."""
        share = ops.convert_to_tensor(self.top_k_percent_pixels, "float32")
        if step is None or not self.hard_example_mining_step:
            return share
        done = ops.minimum(ops.cast(step, "float32") / self.hard_example_mining_step, 1.0)
        return done * share + (1.0 - done)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "ignore_label": self.ignore_label,
            "label_weights": self.label_weights,
            "top_k_percent_pixels": self.top_k_percent_pixels,
            "hard_example_mining_step": self.hard_example_mining_step,
            "focal_gamma": self.focal_gamma,
            "dice_loss_weight": self.dice_loss_weight,
            "boundary_loss_weight": self.boundary_loss_weight,
            "boundary_width": self.boundary_width,
        }
