"""All that is found about predictions whose truth is known, image by image, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.boundary import Boundary
from deeplab_tf2.evaluation.calibration import Reliability
from deeplab_tf2.evaluation.confusion import ConfusionMatrix, scores_of
from deeplab_tf2.evaluation.extremes import Extremes
from deeplab_tf2.evaluation.objects import ObjectSizes
from deeplab_tf2.evaluation.result import Evaluation, ImageScore
from deeplab_tf2.evaluation.trimap import Trimap
from deeplab_tf2.evaluation.visualise import Example

# Six of each fill a screen; the widths are those between which the curves of the papers lie.
SHOWN = 6
WIDTHS = (1, 2, 3, 5, 10, 20, 40)


class Examination:
    """Takes examples one by one, and tells what they show.

    Args:
        descriptor: names and colours of the classes, and the ignore label.
        trimap_widths: widths of the bands along borders in pixels, growing; empty for no trimap curve.
        trimap_border: what they lie along, see `Trimap`.
        shown: how many of the worst and of the best images are kept.

    Raises:
        InputError: an argument cannot be used.
    """

    def __init__(
        self,
        descriptor: Descriptor,
        trimap_widths: Sequence[int] = WIDTHS,
        trimap_border: str | None = None,
        shown: int = SHOWN,
    ) -> None:
        count, ignore = descriptor.num_classes, descriptor.ignore_label
        self.descriptor = descriptor
        self._confusion, self._boundary = ConfusionMatrix(count, ignore), Boundary(count, ignore)
        self._trimap = Trimap(count, ignore, trimap_widths, trimap_border) if trimap_widths else None
        self._sizes = ObjectSizes(ignore)
        self._reliability: Reliability | None = None
        self._extremes = Extremes(shown)
        self._images: list[ImageScore] = []

    def add(self, example: Example) -> None:
        """Adds an image.

        Raises:
            InputError: it has no truth, or a label is no class.
        """
        truth, labels = example.truth, example.labels
        if truth is None:
            raise InputError("there is nothing to score against: the split has no masks")
        scores = scores_of(self._confusion.update(truth, labels))
        self._boundary.update(truth, labels)
        self._sizes.update(truth, labels)
        if self._trimap is not None:
            self._trimap.update(truth, labels)
        if example.confidence is not None:
            self._reliability = self._reliability or Reliability(self.descriptor.ignore_label)
            self._reliability.update(truth, labels, example.confidence)
        score = ImageScore(example.name, scores.miou, scores.pixel_accuracy, int(scores.truth_pixels.sum()))
        self._images.append(score)
        self._extremes.offer(score, example.image, truth, labels)

    def evaluation(self, **facts: Any) -> Evaluation:
        """What all images so far show; `facts` is what else the report shall say."""
        return Evaluation(
            class_names=self.descriptor.class_names,
            colors=np.array(self.descriptor.colors, np.uint8),
            ignore_label=self.descriptor.ignore_label,
            confusion=self._confusion.matrix.copy(),
            scores=self._confusion.scores(),
            boundary_iou=self._boundary.iou(),
            trimap=self._trimap.curve() if self._trimap is not None else None,
            calibration=self._reliability.calibration() if self._reliability is not None else None,
            sizes=self._sizes.scores(),
            images=tuple(self._images),
            worst=self._extremes.worst(),
            best=self._extremes.best(),
            facts=facts,
        )


def examine(
    examples: Iterable[Example],
    descriptor: Descriptor,
    *,
    facts: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Evaluation:
    """All that is found about a network, or about saved predictions, on a split.

    Args:
        examples: the images with their truth and predictions, see `visualise.examples`.
        descriptor: names and colours of the classes, and the ignore label.
        facts: what else the report shall say.
        **settings: as `Examination` has them: `trimap_widths`, `trimap_border`, `shown`.

    Raises:
        InputError: there is no truth, or a label is no class.
    """
    examination = Examination(descriptor, **settings)
    for example in examples:
        examination.add(example)
    return examination.evaluation(**(facts or {}))
