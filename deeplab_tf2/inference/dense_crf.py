"""Fully connected conditional random fields, which draw labels to the edges of the image (DeepLab v2, section 3.3)."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from deeplab_tf2.config import CrfConfig, InputError
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.inference.permutohedral import Lattice, lattice, sparse_library

Found = TypeVar("Found", bound=Any)
AS_PUBLISHED = CrfConfig()

# A class as weak as that stays so: a pair gives it no more than it has. Leaving it out saves most of the time.
_NEGLIGIBLE = 0.005
_LEAST = np.float32(1e-20)
# Beyond e^88 the range of float32 ends; several classes are summed.
_LARGEST = np.float32(80)
# Each pixel takes half a kilobyte: of images above so many, threads refine one at a time.
_LARGE, _ALONE = 1 << 20, threading.Lock()


def dense_crf(image: np.ndarray, probabilities: np.ndarray, config: CrfConfig = AS_PUBLISHED) -> np.ndarray:
    """Mean field of a fully connected CRF with Potts potentials (Krähenbühl and Koltun, NIPS 2011).

    Its energy is the sum of -log(probability) over the pixels and, over all pairs of different labels, of
    w1 * exp(-|p - p'|² / 2 sigma_alpha² - |I - I'|² / 2 sigma_beta²) + w2 * exp(-|p - p'|² / 2 sigma_gamma²); both
    kernels are normalized by the square roots of their sums over either pixel. Classes that have together no more
    than 0.5 % at any pixel keep what they have.

    Args:
        image: uint8 [height, width, 3], RGB.
        probabilities: float32 [height, width, classes], 0..1.
        config: weights, deviations and number of steps; its switch `crf` is not looked at.

    Returns:
        Probabilities after the last step, float32 [height, width, classes].

    Raises:
        InputError: the image is no such array or has another size, the deviations are too small for it, or SciPy is
            not installed.
    """
    height, width, classes = probabilities.shape
    if image.dtype != np.uint8 or image.shape != (height, width, 3):
        raise InputError(
            f"image is an array {image.dtype} {list(image.shape)}; the CRF needs uint8 {[height, width, 3]} in RGB, "
            "of the size of the probabilities"
        )
    result = probabilities.reshape(-1, classes).astype(np.float32)
    contested = _contested(result)
    if len(contested) > 1:
        sparse_library()
        before = np.take(result, contested, axis=1)
        with _ALONE if len(before) > _LARGE else contextlib.nullcontext():
            after = _mean_field(before, _kernels(image, config), config.crf_iterations)
        result[:, contested] = after * before.sum(1, keepdims=True)
    return result.reshape(probabilities.shape)


def refined(found: Found, config: CrfConfig) -> Found:
    """A prediction with the labels and probabilities that the CRF makes of it, or itself without `crf`.

    Args:
        found: a dataclass with image, labels, probabilities and, if it has it, confidence: a `Segmentation`, an
            `Example`.
        config: as for `dense_crf`.

    Raises:
        InputError: as `dense_crf`.
    """
    if not config.crf:
        return found
    probabilities = dense_crf(found.image, found.probabilities, config)
    changes = {"labels": probabilities.argmax(-1).astype(np.int32), "probabilities": probabilities}
    if hasattr(found, "confidence"):
        changes["confidence"] = probabilities.max(-1)
    return dataclasses.replace(found, **changes)


def _contested(probabilities: np.ndarray) -> np.ndarray:
    """The classes, int64 [some], without the weakest, which have together no more than `_NEGLIGIBLE` anywhere."""
    highest = probabilities.max(0)
    order = np.argsort(highest, kind="stable")
    return np.sort(order[np.cumsum(highest[order]) > _NEGLIGIBLE])


def _kernels(image: np.ndarray, config: CrfConfig) -> list[Lattice]:
    kernels = []
    near, far, alike = config.crf_gaussian_deviation, config.crf_bilateral_deviation, config.crf_color_deviation
    if config.crf_gaussian_weight:
        with naming(f"crf_gaussian_deviation={near}"):
            kernels.append(_nearness(image.shape[:2], near, config.crf_gaussian_weight))
    if config.crf_bilateral_weight:
        colors = image.reshape(-1, 3).T.astype(np.float32) / np.float32(alike)
        features = np.concatenate([_positions(image.shape[:2], far), colors])
        with naming(f"crf_bilateral_deviation={far}, crf_color_deviation={alike}"):
            kernels.append(lattice(features).normalized(config.crf_bilateral_weight))
    return kernels


# Images of one size come in rows.
@functools.lru_cache(maxsize=1)
def _nearness(size: tuple[int, int], deviation: float, weight: float) -> Lattice:
    return lattice(_positions(size, deviation)).normalized(weight)


def _positions(size: Sequence[int], deviation: float) -> np.ndarray:
    """x and y of each pixel in standard deviations, float32 [2, pixels]."""
    rows, columns = np.indices(size, np.float32).reshape(2, -1) / np.float32(deviation)
    return np.stack([columns, rows])


def _mean_field(probabilities: np.ndarray, kernels: Sequence[Lattice], iterations: int) -> np.ndarray:
    logits = np.log(np.maximum(probabilities, _LEAST))
    field = _softmax(logits.copy())
    for _ in range(iterations):
        updated = logits.copy()
        for kernel in kernels:
            updated += kernel.filtered(field)
        field = _softmax(updated)
    return field


def _softmax(logits: np.ndarray) -> np.ndarray:
    """The softmax over the last axis, in place; needs a logit above -80 in each row, as a network's best class has."""
    # Seldom so, and to subtract it always would take time.
    if logits.max() > _LARGEST:
        logits -= logits.max(1, keepdims=True)
    np.exp(logits, out=logits)
    # Several times faster than sum(1).
    logits *= (1 / np.einsum("ij->i", logits))[:, np.newaxis]
    return logits
