"""What lies near borders, against a search of each pixel's surroundings."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_labels import IGNORE, labelled, quick, window

from deeplab_tf2.evaluation.borders import edges, grown, near_another_label


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
@given(labelled(), st.integers(0, 12))
def test_places_grow_to_the_window_around_them(images, width):
    void = images[0] == IGNORE
    before = void.copy()
    found = grown(void, width)
    assert np.array_equal(void, before)
    for place in np.ndindex(void.shape):
        assert found[place] == window(void, place, width).any()


@quick
@given(labelled())
def test_an_edge_touches_another_label(images):
    found = edges(images[0])
    for place in np.ndindex(found.shape):
        assert found[place] == (window(images[0], place, 1) != images[0][place]).any()
