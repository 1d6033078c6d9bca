"""What an evaluation finds: numbers for tables, curves for plots, and a few images to look at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2.evaluation.confusion import Scores

# The curves of the papers lie between the narrowest and the widest of these bands; the images fill a screen.
TRIMAP_WIDTHS = (1, 2, 3, 5, 10, 20, 40)
SHOWN_IMAGES = 6


@dataclasses.dataclass(frozen=True, eq=False)
class TrimapCurve:
    """Scores in bands of growing width along borders (DeepLabv3+, section 4.5).

    Attributes:
        widths: width of each band in pixels, growing.
        miou: mIoU of the pixels in the band, float64 [widths]; nan where there is none.
        pixel_accuracy: fraction of them that are right, float64 [widths].
        border: what the bands lie along: "void" (the ignore label) or "edges" (of the true labels).
    """

    widths: tuple[int, ...]
    miou: np.ndarray
    pixel_accuracy: np.ndarray
    border: str


@dataclasses.dataclass(frozen=True, eq=False)
class Calibration:
    """How far the probability of the answer is from how often it is right.

    Attributes:
        edges: limits of the bins of probability, float64 [bins + 1], 0..1.
        pixels: valid pixels in each bin, int64 [bins].
        confidence: mean probability in each bin, float64 [bins]; nan in an empty one.
        accuracy: fraction of right pixels in each bin, float64 [bins]; nan in an empty one.
        error: expected calibration error: mean of |confidence - accuracy|, weighted by pixels.
    """

    edges: np.ndarray
    pixels: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    error: float


@dataclasses.dataclass(frozen=True)
class SizeScore:
    """How well true objects (connected areas of one class) of about one size are found.

    Attributes:
        name: what the report calls them.
        at_most: largest share of the image's pixels that such an object covers, 0..1.
        objects: their number.
        recall: mean fraction of an object's pixels that are right; nan without objects.
        found: fraction of the objects of which at least half is right; nan without objects.
    """

    name: str
    at_most: float
    objects: int
    recall: float
    found: float


@dataclasses.dataclass(frozen=True)
class ImageScore:
    """What one image scores.

    Attributes:
        name: name of the image.
        miou: mean IoU over the classes in its truth or prediction.
        pixel_accuracy: fraction of its valid pixels that are right.
        valid_pixels: their number.
    """

    name: str
    miou: float
    pixel_accuracy: float
    valid_pixels: int


@dataclasses.dataclass(frozen=True, eq=False)
class Shown:
    """An image to look at, reduced to a size for the screen.

    Attributes:
        score: what it scores.
        image: uint8 [height, width, 3].
        truth: true labels, int32 [height, width].
        labels: predicted labels, int32 [height, width].
    """

    score: ImageScore
    image: np.ndarray
    truth: np.ndarray
    labels: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """All that is found about a network on a split.

    Attributes:
        class_names: one name per class.
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: true label whose pixels do not count; None for none.
        confusion: valid pixels, int64 [true class, predicted class].
        scores: what follows from it.
        boundary_iou: IoU of the bands along the contours of each class, float64 [classes]; nan for an absent one.
        trimap: scores along borders; None where they were not asked for.
        calibration: None without probabilities.
        sizes: scores by object size, from small to large; none where SciPy is not installed.
        images: every image, in order of the split.
        worst: some of the images of lowest mIoU, the lowest first.
        best: some of the highest, the highest first.
        facts: what else the report says: split, checkpoint, how images were padded, ...
    """

    class_names: Sequence[str]
    colors: np.ndarray
    ignore_label: int | None
    confusion: np.ndarray
    scores: Scores
    boundary_iou: np.ndarray
    trimap: TrimapCurve | None
    calibration: Calibration | None
    sizes: Sequence[SizeScore]
    images: Sequence[ImageScore]
    worst: Sequence[Shown]
    best: Sequence[Shown]
    facts: Mapping[str, Any]

    @property
    def mean_boundary_iou(self) -> float:
        """Mean boundary IoU of the classes that have contours; nan where none has."""
        found = self.boundary_iou[~np.isnan(self.boundary_iou)]
        return float(found.mean()) if len(found) else float("nan")
