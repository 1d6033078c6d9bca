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
        InputError: an image has no prediction, a file cannot be read, or a category is too large or not listed.
    """
    _check_categories(truth, len(metric.scored))
    for results in (truth, predicted):
        _check_segments(results, truth, ignored_label)
    read = functools.partial(read_overlaps, truth, predicted, ignored_label=ignored_label)
    with ThreadPoolExecutor(max(os.cpu_count() or 1 if num_workers < 0 else num_workers, 1)) as pool:
        for found in pool.map(read, list(pairs(truth, predicted))):
            metric.update(found)
            if progress is not None:
                progress(1)


def _check_categories(truth: CocoResults, num_categories: int) -> None:
    """Refuses a truth without categories, or with one that is no number of 0..num_categories - 1."""
    ids = [category.id for category in truth.categories]
    if not ids or min(ids) < 0 or max(ids) >= num_categories:
        raise InputError(
            f"{truth.path} has the categories {ids}; it needs some, each of 0..{num_categories - 1} (num_categories is "
            f"{num_categories})"
        )


def _check_segments(results: CocoResults, truth: CocoResults, ignored_label: int) -> None:
    """Refuses results with a segment of a category that the truth does not list: nobody knows whether it is a thing."""
    legal = {ignored_label, *(category.id for category in truth.categories)}
    for annotation in results.annotations.values():
        strange = {segment.category for segment in annotation.segments} - legal
        if strange:
            raise InputError(
                f"{results.path}: segments of {annotation.file_name} are of the categories {sorted(strange)}, which "
                f"{truth.path} does not list: correct them, or list these among its categories"
            )
