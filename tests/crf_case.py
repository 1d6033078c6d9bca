"""A picture and probabilities for the dense CRF, the same on every machine, and a slow exact twin of the CRF."""

import numpy as np

from deeplab_tf2.config import CrfConfig


def case(height: int = 40, width: int = 56, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Coloured areas with texture, uint8 [height, width, 3], and what a coarse, unsure network would say of them."""
    rows, columns = np.mgrid[:height, :width]
    areas = ((rows * 2 // height) + 2 * ((columns + rows // 3) * 2 // (width + height // 3))) % classes
    grain = np.random.RandomState(0).randint(-12, 13, (height, width, 3))
    palette = np.array([[200, 60, 50], [60, 160, 70], [70, 80, 190], [190, 180, 60]])
    image = np.clip(palette[areas] + grain, 0, 255).astype(np.uint8)
    coarse = areas[np.minimum(rows // 8 * 8 + 3, height - 1), np.minimum(columns // 8 * 8 + 3, width - 1)]
    logits = 2.5 * np.eye(classes)[coarse] + np.random.RandomState(1).randn(height, width, classes)
    probabilities = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return image, probabilities.astype(np.float32)


def exact_kernel(features: np.ndarray) -> np.ndarray:
    """exp(-distance² / 2) of all pairs of points, symmetrically normalized, of features [dimensions, points]."""
    points = features.astype(np.float64)
    distances = ((points[:, :, np.newaxis] - points[:, np.newaxis]) ** 2).sum(0)
    kernel = np.exp(-distances / 2)
    scale = 1 / np.sqrt(kernel.sum(1))
    return scale[:, np.newaxis] * kernel * scale


def exact_crf(image: np.ndarray, probabilities: np.ndarray, config: CrfConfig) -> np.ndarray:
    """The mean field over all pairs of pixels, one by one, as the energy has them."""
    height, width, classes = probabilities.shape
    rows, columns = np.mgrid[:height, :width].reshape(2, -1)
    near = np.stack([columns, rows]) / config.crf_gaussian_deviation
    far = np.stack([columns, rows]) / config.crf_bilateral_deviation
    colors = image.reshape(-1, 3).T / config.crf_color_deviation
    pairs = config.crf_gaussian_weight * exact_kernel(near)
    pairs += config.crf_bilateral_weight * exact_kernel(np.concatenate([far, colors]))
    own = probabilities.reshape(-1, classes).astype(np.float64)
    field = own / own.sum(1, keepdims=True)
    for _ in range(config.crf_iterations):
        # A pair costs where its labels differ: what all others hold of the other classes.
        cost = pairs @ (field.sum(1, keepdims=True) - field)
        field = own * np.exp(-cost + cost.min(1, keepdims=True))
        field /= field.sum(1, keepdims=True)
    return field.reshape(height, width, classes)
