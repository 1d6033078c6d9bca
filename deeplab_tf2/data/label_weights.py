"""Loss weights of classes from how often they occur, for datasets where few classes take most of the pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor

AUTO = "median_frequency"
_DIGITS = 4


def label_weights(
    class_pixels: Sequence[int] | np.ndarray,
    method: str = "median_frequency",
    *,
    cap: float = 10.0,
    beta: float | None = None,
) -> np.ndarray:
    """One loss weight per class, larger for rarer classes.

    The weights are first relative to a class of median size, where `cap` bounds them, and are then scaled so that
    the average pixel weighs 1: the loss divides by the number of pixels, so it keeps its scale and the learning
    rate its meaning. A class that never occurs gets 1: no pixel asks for its weight, and if one ever does, it counts.

    * median_frequency: median share / own share (Eigen and Fergus 2015, section 6.2, with shares of all pixels).
    * effective_number: 1 / (1 - beta ** pixels) (Cui et al. 2019, section 3.2). Classes larger than about
      1 / (1 - beta) pixels weigh nearly the same, so common classes are hardly pushed down.

    Args:
        class_pixels: pixels of each class in the training split [classes].
        method: "median_frequency" or "effective_number".
        cap: no class weighs more than `cap` times, or less than 1 / `cap` of, a class of median size; at least 1.
        beta: of effective_number, in (0, 1); by default 1 - 1 / (pixels of a class of median size), so that images
            of another resolution give the same weights.

    Returns:
        float64 [classes], all above 0.

    Raises:
        InputError: no pixel belongs to any class, or an argument is not legal.
    """
    pixels = np.asarray(class_pixels, np.float64)
    present = pixels > 0
    if pixels.ndim != 1 or not present.any() or (pixels < 0).any():
        raise InputError(f"class_pixels {pixels.tolist()} must be one count per class, at least one of them above 0")
    if method not in METHODS:
        raise InputError(f"method is {method!r}; legal are {', '.join(METHODS)}")
    if cap < 1 or (beta is not None and not 0 < beta < 1):
        raise InputError(f"cap is {cap}, beta is {beta}; cap must be at least 1, beta between 0 and 1")
    relative = np.clip(METHODS[method](pixels[present], beta), 1 / cap, cap)
    weights = np.ones_like(pixels)
    weights[present] = relative * pixels.sum() / (relative * pixels[present]).sum()
    return weights


def settled_weights(descriptor: Descriptor, split: str, method: str) -> tuple[float, ...]:
    """The weights of a training on `split`, as numbers that can be written down: four significant digits.

    Args:
        descriptor: holds the counts of the split.
        split: the split to train on.
        method: "auto", or one of `label_weights`.

    Raises:
        InputError: the descriptor has no counts of the split, or the method is not legal.
    """
    counts = descriptor.splits[split].class_pixels if split in descriptor.splits else ()
    if not any(counts):
        raise InputError(
            f"--label_weights={method} needs to know how many pixels each class has, but the descriptor of "
            f"{descriptor.name!r} has no counts of the split {split!r}: convert the files with build_tfrecord.py, or "
            "type the numbers that the page of check_dataset.py suggests, one per class"
        )
    return written(label_weights(counts, AUTO if method == "auto" else method))


def written(weights: np.ndarray) -> tuple[float, ...]:
    """Weights as they are written down."""
    return tuple(float(f"{weight:.{_DIGITS}g}") for weight in weights)


def _median_frequency(pixels: np.ndarray, beta: float | None) -> np.ndarray:
    if beta is not None:
        raise InputError("beta belongs to the method effective_number; leave it out")
    return np.median(pixels) / pixels


def _effective_number(pixels: np.ndarray, beta: float | None) -> np.ndarray:
    median = np.median(pixels)
    # Powers of a beta close to 1 lose all digits; the logarithm keeps them.
    log_beta = np.log1p(-1 / max(median, 2.0)) if beta is None else np.log(beta)
    return np.expm1(median * log_beta) / np.expm1(pixels * log_beta)


METHODS: Mapping[str, Callable[[np.ndarray, float | None], np.ndarray]] = {
    "median_frequency": _median_frequency,
    "effective_number": _effective_number,
}
