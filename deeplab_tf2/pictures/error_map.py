"""Where a prediction is wrong, marked on the photograph."""

from __future__ import annotations

import numpy as np

from deeplab_tf2.pictures.overlay import IGNORED
from deeplab_tf2.pictures.palettes import Color

WRONG: Color = (230, 45, 30)
# How much of the photograph is left below the marks.
_SEEN = 0.2


def error_map(image: np.ndarray, truth: np.ndarray, labels: np.ndarray, ignore_label: int | None = None) -> np.ndarray:
    """The photograph in grey, wrong pixels in red, ignored ones in a pale cream.

    Args:
        image: uint8 [height, width, 3].
        truth: true labels, integers [height, width].
        labels: predicted labels, integers [height, width].
        ignore_label: true label whose pixels do not count; None for none.

    Returns:
        uint8 [height, width, 3].
    """
    grey = image.mean(-1, keepdims=True, dtype=np.float32).repeat(3, -1)
    ignored = np.zeros(truth.shape, bool) if ignore_label is None else truth == ignore_label
    for where, color in ((ignored, IGNORED), (~ignored & (truth != labels), WRONG)):
        grey[where] = _SEEN * grey[where] + (1 - _SEEN) * np.array(color, np.float32)
    return np.rint(grey).astype(np.uint8)
