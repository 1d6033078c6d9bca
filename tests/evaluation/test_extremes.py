"""The worst and the best images, of any number."""

import numpy as np
import pytest

from deeplab_tf2.evaluation.extremes import LARGEST, Extremes
from deeplab_tf2.evaluation.result import ImageScore


def offered(scores, most=3, size=(4, 6)):
    kept = Extremes(most)
    for number, score in enumerate(scores):
        labels = np.full(size, number % 7)
        image = np.full((*size, 3), number % 256, np.uint8)
        kept.offer(ImageScore(str(number), score, 0.5, 10), image, labels + 1, labels)
    return kept


def names(shown):
    return [one.score.name for one in shown]


def test_the_extreme_ones_are_kept_in_order():
    scores = np.random.default_rng(0).permutation(50) / 50
    kept = offered(scores)
    assert names(kept.worst()) == [str(number) for number in np.argsort(scores)[:3]]
    assert names(kept.best()) == [str(number) for number in np.argsort(-scores)[:3]]


@pytest.mark.parametrize("scores", [[0.5], [0.5, 0.5], [0.1, 0.9, 0.5], [1.0] * 5, [0.3, np.nan, 0.2], []])
def test_of_few_images_none_is_shown_twice(scores):
    kept = offered(scores)
    found = names(kept.worst()) + names(kept.best())
    valid = [str(number) for number, score in enumerate(scores) if score == score]
    assert len(set(found)) == len(found) == len(valid) and set(found) <= set(valid)
    assert len(kept.worst()) - len(kept.best()) in (0, 1)


def test_none_may_be_wanted():
    kept = offered([0.1, 0.2], most=0)
    assert kept.worst() == kept.best() == ()


def test_large_images_are_reduced_with_their_labels():
    (shown,) = offered([0.5], size=(2 * LARGEST + 1, 31)).worst()
    height = -(-(2 * LARGEST) // 3)
    assert shown.image.shape[:2] == shown.truth.shape == shown.labels.shape and abs(shown.truth.shape[0] - height) <= 1
    assert (shown.truth == shown.labels + 1).all() and shown.truth.base is None


@pytest.mark.parametrize("size", [(10, 20000), (20000, 10), (1, 1300), (1, 1)])
def test_strips_keep_a_line_at_least(size):
    (shown,) = offered([0.5], size=size).worst()
    assert shown.image.shape[:2] == shown.truth.shape == shown.labels.shape and max(shown.truth.shape) <= LARGEST
