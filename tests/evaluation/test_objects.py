"""Scores by object size, against objects that are filled pixel by pixel."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_labels import IGNORE, labelled, quick

from deeplab_tf2.evaluation.objects import SIZES, ObjectSizes


def filled(truth):
    """The sets of places of connected areas of one class, corners included."""
    left = {place for place in np.ndindex(truth.shape) if truth[place] != IGNORE}
    while left:
        grown, border = set(), {left.pop()}
        while border:
            row, column = border.pop()
            grown.add((row, column))
            beside = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            border |= (new := {place for place in beside if truth[place] == truth[row, column]})
            left -= new
        yield grown


@quick
@given(st.lists(labelled(), min_size=2, max_size=2))
def test_objects_are_counted_by_their_share(images):
    counted, expected = ObjectSizes(IGNORE), {name: [] for name in SIZES}
    for truth, labels, _ in images:
        counted.update(truth, labels)
        for places in filled(truth):
            name = next(name for name, share in SIZES.items() if len(places) <= share * truth.size)
            expected[name].append(sum(truth[place] == labels[place] for place in places) / len(places))
    for score in counted.scores():
        recalls = expected[score.name]
        assert score.objects == len(recalls) and score.at_most == SIZES[score.name]
        np.testing.assert_allclose(score.recall, np.mean(recalls) if recalls else np.nan)
        np.testing.assert_allclose(score.found, np.mean(np.array(recalls) >= 0.5) if recalls else np.nan)


def test_sizes_are_told_from_small_to_large():
    truth = np.zeros((100, 100), np.int32)
    truth[10:13, 10:13], truth[50:60, 50:60], truth[51, 51] = 1, 2, 255
    labels = truth.copy()
    labels[10:12] = 0
    counted = ObjectSizes(255)
    counted.update(truth, np.minimum(labels, 2))
    tiny, small, medium, large = counted.scores()
    assert (tiny.objects, small.objects, medium.objects, large.objects) == (1, 1, 0, 1)
    np.testing.assert_allclose([tiny.recall, small.recall, medium.recall, large.recall], [1 / 3, 1, np.nan, 1])
    assert (tiny.found, small.found) == (0, 1)
