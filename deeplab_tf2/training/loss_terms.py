"""What the segmentation loss is made of: losses of single pixels, and how they are weighed, chosen and joined.

Labels are int32 [batch, height, width], logits floating point [batch, height, width, classes].
"""

from __future__ import annotations

from typing import Any

from keras import ops

# 1 - p, below which the focal factor stays as it is: its derivative has a pole at 0 for exponents below 1.
_LEAST_DOUBT = 1e-7
# Below every label and every label's negative.
_NOTHING = -1e6


def cross_entropy(labels: Any, logits: Any) -> Any:
    """The softmax cross entropy [batch, height, width] of each pixel.

    A label that is no class has the loss 0, and the gradient of a pixel without a true class: softmax(logits), as in
    official DeepLab, whose one-hot labels are all zero there.
    """
    known = ops.logical_and(labels >= 0, labels < logits.shape[-1])
    losses = ops.sparse_categorical_crossentropy(ops.where(known, labels, 0), logits, from_logits=True)
    # logsumexp(logits), as the stand-in class is the first.
    normalizer = losses + logits[..., 0]
    return ops.where(known, losses, normalizer - ops.stop_gradient(normalizer))


def class_weights(labels: Any, weights: Any) -> Any:
    """The weight [batch, height, width] of each pixel's class, of `weights` [classes]; 0 for a label that is none."""
    known = ops.logical_and(labels >= 0, labels < weights.shape[0])
    return ops.where(known, ops.take(weights, ops.where(known, labels, 0), axis=0), 0.0)


def focal_factors(losses: Any, gamma: float) -> Any:
    """(1 - p)^gamma for the probability p of the true class, from cross entropies (Lin et al. 2017, section 3.2)."""
    return ops.maximum(-ops.expm1(-losses), _LEAST_DOUBT) ** gamma


def near_border(labels: Any, valid: Any, width: int) -> Any:
    """Which pixels [batch, height, width] have another valid label at most `width` rows and `width` columns away."""
    values = ops.cast(labels, "float32")
    both = ops.stack([ops.where(valid, values, _NOTHING), ops.where(valid, -values, _NOTHING)], axis=-1)
    reach = 2 * width + 1
    for window in ((reach, 1), (1, reach)):
        both = ops.max_pool(both, window, strides=1, padding="same")
    return ops.logical_or(both[..., 0] > values, both[..., 1] > -values)


def dice_loss(labels: Any, logits: Any, valid: Any) -> Any:
    """1 - 2 |p t| / (|p| + |t|) [], the mean over the classes that occur, of probabilities p and truth t.

    Sums run over the valid pixels of the batch (Milletari et al. 2016, section 3, without squares).
    """
    counted = ops.cast(valid, logits.dtype)[..., None]
    truth = ops.cast(labels[..., None] == ops.arange(logits.shape[-1], dtype="int32"), logits.dtype) * counted
    probabilities = ops.softmax(logits) * counted
    axes = (0, 1, 2)
    pixels = ops.sum(truth, axes)
    overlap = ops.sum(probabilities * truth, axes)
    present = ops.cast(pixels > 0, logits.dtype)
    each = 1.0 - 2.0 * overlap / ops.maximum(ops.sum(probabilities, axes) + pixels, 1.0)
    return ops.sum(each * present) / ops.maximum(ops.sum(present), 1.0)


def hardest(losses: Any, share: Any) -> tuple[Any, Any]:
    """The sum [] of the largest losses, and how many of them are not 0 [].

    Args:
        losses: of all pixels, the ignored ones included with 0.
        share: how many of them are taken, [] float32.
    """
    losses = -ops.sort(-ops.reshape(losses, (-1,)))
    number = ops.shape(losses)[0]
    # The product in float32, as official: it decides about the last pixel.
    taken = ops.arange(number, dtype="int32") < ops.cast(share * ops.cast(number, "float32"), "int32")
    present = ops.logical_and(taken, losses != 0)
    return ops.sum(ops.where(taken, losses, 0.0)), ops.sum(ops.cast(present, losses.dtype))
