"""Crops around a class: they hold it, whatever the scale, and each class as often as the others."""

import collections

import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.data.class_crops import crop_bounds
from deeplab_tf2.data.resampling import resize_label

IGNORE = 255


def bounds(label, scaled, crop, draws):
    """(smallest, largest) beginning of a crop: two lists of row and column."""
    first, last = crop_bounds(tf.constant(label), tf.constant(scaled), tf.constant(crop), tf.constant(draws), IGNORE)
    return first.numpy().tolist(), last.numpy().tolist()


def crops(label, scaled, crop, draws):
    """What the crops at both ends of the bounds hold of the resized label."""
    resized = resize_label(tf.constant(label), tf.constant(scaled)).numpy()
    for top, left in bounds(label, scaled, crop, draws):
        assert 0 <= top <= max(scaled[0] - crop[0], 0) and 0 <= left <= max(scaled[1] - crop[1], 0)
        yield resized[top : top + crop[0], left : left + crop[1]]


def test_every_class_is_as_likely_as_the_others():
    label = np.zeros((40, 50), np.uint8)
    label[3, 4], label[30:, 30:], label[:, 45] = 7, 2, IGNORE
    seen = collections.Counter()
    for draw in (np.arange(30) + 0.5) / 30:
        for crop in crops(label, (40, 50), (1, 1), np.float32([draw, 0.3])):
            seen[int(crop[0, 0])] += 1
    assert seen == {0: 20, 2: 20, 7: 20}


sides = st.integers(1, 30)


@given(sides, sides, sides, sides, sides, sides, st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_rare_class_is_in_the_crop_at_every_scale(height, width, new_height, new_width, down, right, seed):
    random = np.random.default_rng(seed)
    label = random.choice(np.uint8([0, 1, IGNORE]), (height, width), p=[0.9, 0.05, 0.05])
    scaled, crop = (new_height, new_width), (down, right)
    present = set(np.unique(resize_label(tf.constant(label), tf.constant(scaled)))) - {IGNORE}
    for draws in np.float32([[0.0, random.random()], [1 - 2**-24, random.random()]]):
        if present:
            wanted = max(present) if draws[0] else min(present)
            assert all(wanted in crop for crop in crops(label, scaled, crop, draws))


def test_a_mask_without_classes_is_cropped_anywhere():
    label = np.full((9, 8), IGNORE, np.uint8)
    assert bounds(label, (9, 8), (5, 10), np.float32([0.9, 0.9])) == ([0, 0], [4, 0])
