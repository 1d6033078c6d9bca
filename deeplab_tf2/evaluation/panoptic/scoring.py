"""Panoptic scores of COCO-format results, image by image."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.panoptic.breakdown import Metric
from deeplab_tf2.evaluation.panoptic.coco_format import CocoResults, pairs, read_overlaps


def score(
    metric: Metric,
    truth: CocoResults,
    predicted: CocoResults,
    ignored_label: int = 0,
    num_workers: int = 0,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Adds every image of the truth to a metric; the result is the same for any number of workers.

    Args:
        metric: what scores.
        truth: the true segments.
        predicted: segments for the same images.
        ignored_label: category that is not scored.
        num_workers: threads that read images; 0 for none, -1 for one per core.
        progress: is called after each image with 1.

    Raises:
        InputError: an image has no prediction, a file cannot be read, or a category is too large a number.
    """
    check_categories(truth, len(metric.scored))
    check_categories(predicted, len(metric.scored))
    read = functools.partial(read_overlaps, truth, predicted, ignored_label=ignored_label)
    with ThreadPoolExecutor(max(os.cpu_count() or 1 if num_workers < 0 else num_workers, 1)) as pool:
        for found in pool.map(read, list(pairs(truth, predicted))):
            metric.update(found)
            if progress is not None:
                progress(1)


def check_categories(results: CocoResults, num_categories: int) -> None:
    """Refuses results with a segment of a category that is no number of 0..num_categories - 1."""
    for annotation in results.annotations.values():
        for segment in annotation.segments:
            if not 0 <= segment.category < num_categories:
                raise InputError(
                    f"{results.path}: a segment of {annotation.file_name} is of category {segment.category}; legal are "
                    f"0..{num_categories - 1}: give a larger num_categories, or correct the file"
                )
