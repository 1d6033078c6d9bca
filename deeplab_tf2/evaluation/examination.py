"""All that is found about predictions whose truth is known, image by image, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.images import naming
from deeplab_tf2.evaluation.boundary import Boundary
from deeplab_tf2.evaluation.calibration import Reliability
from deeplab_tf2.evaluation.confusion import UNLABELLED, ConfusionMatrix, Scores, scores_of
from deeplab_tf2.evaluation.extremes import Extremes
from deeplab_tf2.evaluation.objects import ObjectSizes, installed
from deeplab_tf2.evaluation.result import SHOWN_IMAGES, TRIMAP_WIDTHS, Evaluation, ImageScore
from deeplab_tf2.evaluation.trimap import Trimap
from deeplab_tf2.evaluation.visualise import Example


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
        trimap_widths: Sequence[int] = TRIMAP_WIDTHS,
        trimap_border: str | None = None,
        shown: int = SHOWN_IMAGES,
    ) -> None:
        count, ignore = descriptor.num_classes, descriptor.ignore_label
        self.descriptor = descriptor
        self._confusion, self._boundary = ConfusionMatrix(count, ignore), Boundary(count, ignore)
        self._trimap = Trimap(count, ignore, trimap_widths, trimap_border) if trimap_widths else None
        self._sizes = ObjectSizes(ignore) if installed() else None
        self._reliability: Reliability | None = None
        self._extremes = Extremes(shown)
        self._images: list[ImageScore] = []

    def add(self, example: Example) -> None:
        """Adds an image.

        Raises:
            InputError: it has no truth, or a label is no class; the message names the image.
        """
        truth, labels = example.truth, example.labels
        if truth is None:
            raise InputError(UNLABELLED)
        with naming(example.name):
            scores = scores_of(self._confusion.update(truth, labels))
        self._boundary.update(truth, labels)
        if self._sizes is not None:
            self._sizes.update(truth, labels)
        if self._trimap is not None:
            self._trimap.update(truth, labels)
        if example.confidence is not None:
            self._reliability = self._reliability or Reliability(self.descriptor.ignore_label)
            self._reliability.update(truth, labels, example.confidence)
        score = ImageScore(example.name, scores.miou, scores.pixel_accuracy, int(scores.truth_pixels.sum()))
        self._images.append(score)
        self._extremes.offer(score, example.image, truth, labels)

    @property
    def scores(self) -> Scores:
        """The scores of all images so far."""
        return self._confusion.scores()

    def evaluation(self, **facts: Any) -> Evaluation:
        """What all images so far show; `facts` is what else the report shall say."""
        return Evaluation(
            class_names=self.descriptor.class_names,
            colors=np.array(self.descriptor.colors, np.uint8),
            ignore_label=self.descriptor.ignore_label,
            confusion=self._confusion.matrix.copy(),
            scores=self.scores,
            boundary_iou=self._boundary.iou(),
            trimap=self._trimap.curve() if self._trimap is not None else None,
            calibration=self._reliability.calibration() if self._reliability is not None else None,
            sizes=self._sizes.scores() if self._sizes is not None else (),
            images=tuple(self._images),
            worst=self._extremes.worst(),
            best=self._extremes.best(),
            facts=facts,
        )
