"""Distances from borders, against a search of each pixel's surroundings."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_labels import IGNORE, labelled, quick, window

from deeplab_tf2.evaluation.borders import distance_to_another_label, distance_to_label, near_another_label


@quick
@given(labelled(), st.integers(1, 4))
def test_near_means_another_label_or_the_frame_in_the_window(images, width):
    labels = images[0]
    near = near_another_label(labels, width)
    framed = np.pad(labels, width, constant_values=-1)
    for row, column in np.ndindex(labels.shape):
        around = window(framed, (row + width, column + width), width)
        assert near[row, column] == (around != labels[row, column]).any()


@quick
@given(labelled())
def test_distances_are_those_of_the_nearest_pixel(images):
    truth = images[0]
    void, other = distance_to_label(truth, IGNORE), distance_to_another_label(truth)
    assert (void is None) == (IGNORE not in truth) and (other is None) == (len(np.unique(truth)) == 1)
    for place in np.ndindex(truth.shape):
        squares = [window(truth, place, width) for width in range(9)]
        if void is not None:
            assert void[place] == min(width for width, square in enumerate(squares) if IGNORE in square)
        if other is not None:
            assert other[place] == min(width for width, square in enumerate(squares) if (square != truth[place]).any())
