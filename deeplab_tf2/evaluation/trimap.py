"""Scores in bands of growing width along borders: the trimap experiment (DeepLab v1, v2; DeepLabv3+, section 4.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.borders import edges, grown
from deeplab_tf2.evaluation.result import TrimapCurve

# What bands lie along -> the pixels within a distance of it, of true labels, the ignore label and the distance.
_NEAR: dict[str, Callable[[np.ndarray, int | None, int], np.ndarray]] = {
    "void": lambda truth, ignore, width: grown(truth == ignore, width),
    # A step further than a pixel that touches another label lies that label.
    "edges": lambda truth, ignore, width: grown(edges(truth), width - 1),
}
BORDERS = tuple(_NEAR)


class Trimap:
    """Counts right and wrong pixels in bands along the void of the truth, or along the edges of its labels.

    A pixel is in the band of width w when the void, or another label, lies within w pixels (a square of 2w + 1 pixels a
    side); void itself is in none.

    Args:
        num_classes: number of classes.
        ignore_label: true label whose pixels are void; None for none.
        widths: widths of the bands in pixels, growing.
        border: what they lie along, one of `BORDERS`; None: the void where the truth has any.

    Raises:
        InputError: the widths do not grow from 1 on, or there is no such border.
    """

    def __init__(
        self, num_classes: int, ignore_label: int | None, widths: Sequence[int], border: str | None = None
    ) -> None:
        self.num_classes, self.ignore_label, self.widths = num_classes, ignore_label, tuple(widths)
        check_widths(self.widths)
        if border not in (None, *BORDERS):
            raise InputError(f"trimap_border is {border!r}; legal are {', '.join(BORDERS)}")
        # Of each border: right, true and predicted pixels by band and class.
        shape = 3, len(self.widths), num_classes
        self._counts = {name: np.zeros(shape, np.int64) for name in ([border] if border else BORDERS)}

    @property
    def border(self) -> str:
        """What the bands lie along, as far as is known by now."""
        return next((name for name, counts in self._counts.items() if counts.any()), list(self._counts)[-1])

    def update(self, truth: np.ndarray, labels: np.ndarray) -> None:
        """Adds an image: true and predicted labels, integers [height, width]."""
        valid = truth != self.ignore_label
        for border, counts in self._counts.items():
            # Once there is void, nobody asks for edges.
            if border not in ("void", self.border):
                continue
            near = np.stack([valid & _NEAR[border](truth, self.ignore_label, width) for width in self.widths])
            inside = near[-1]
            # Of each pixel: the narrowest band that it is in.
            bands = near[:, inside].argmax(0)
            true, predicted = truth[inside], labels[inside]
            right = true == predicted
            counts += [
                self._counted(bands[right], true[right]),
                self._counted(bands, true),
                self._counted(bands, predicted),
            ]

    def _counted(self, bands: np.ndarray, classes: np.ndarray) -> np.ndarray:
        shape = len(self.widths), self.num_classes
        return np.bincount(bands * self.num_classes + classes, minlength=shape[0] * shape[1]).reshape(shape)

    def curve(self) -> TrimapCurve:
        """The scores of everything counted so far; each band holds those that are narrower."""
        right, truth, predicted = self._counts[self.border].cumsum(1)
        union = truth + predicted - right
        iou = np.divide(right, union, out=np.full(union.shape, np.nan), where=union > 0)
        found, pixels = (union > 0).sum(1), truth.sum(1)
        blank = np.full(len(self.widths), np.nan)
        return TrimapCurve(
            widths=self.widths,
            miou=np.divide(np.nansum(iou, 1), found, out=blank.copy(), where=found > 0),
            pixel_accuracy=np.divide(right.sum(1), pixels, out=blank.copy(), where=pixels > 0),
            border=self.border,
        )


def check_widths(widths: Sequence[int]) -> None:
    """Refuses widths that do not grow from 1 on.

    Raises:
        InputError: they do not.
    """
    if not widths or min(widths) < 1 or sorted(set(widths)) != list(widths):
        raise InputError(f"trimap_widths is {tuple(widths)}; give growing numbers of pixels, for example 1,2,5,10")
