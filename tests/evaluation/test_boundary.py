"""Boundary IoU, against masks that are eroded class by class."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_labels import CLASSES, IGNORE, labelled, quick

from deeplab_tf2.evaluation.boundary import Boundary


def contour(mask, steps):
    """What a mask loses when its pixels with a neighbour outside are taken away some times."""
    inner = np.pad(mask, 1)
    for _ in range(steps):
        shifted = [np.roll(inner, (row, column), (0, 1)) for row in (-1, 0, 1) for column in (-1, 0, 1)]
        inner = np.pad(np.logical_and.reduce(shifted)[1:-1, 1:-1], 1)
    return mask & ~inner[1:-1, 1:-1]


def slow_boundary_iou(images, steps):
    both, either = np.zeros(CLASSES), np.zeros(CLASSES)
    for truth, labels, _ in images:
        for label in range(CLASSES):
            bands = [contour((image == label) & (truth != IGNORE), steps) for image in (truth, labels)]
            both[label] += (bands[0] & bands[1]).sum()
            either[label] += (bands[0] | bands[1]).sum()
    return np.where(either > 0, both / np.maximum(either, 1), np.nan)


@quick
@given(st.lists(labelled(), min_size=2, max_size=2))
def test_it_follows_the_definition(images):
    counted = Boundary(CLASSES, IGNORE)
    for truth, labels, _ in images:
        counted.update(truth, labels)
    # 2 % of these diagonals is less than a pixel.
    np.testing.assert_allclose(counted.iou(), slow_boundary_iou(images, 1), rtol=1e-12)


def test_what_is_said_of_void_does_not_count():
    truth = np.zeros((200, 200), np.int32)
    truth[45:155, 45:155], truth[50:150, 50:150] = IGNORE, 1
    for said in range(CLASSES):
        counted = Boundary(CLASSES, IGNORE)
        counted.update(truth, np.where(truth == IGNORE, said, truth))
        np.testing.assert_array_equal(counted.iou(), [1, 1, np.nan])


def test_the_width_grows_with_the_image():
    rng = np.random.default_rng(0)
    coarse = [rng.integers(0, CLASSES, (4, 6)).repeat(20, 0).repeat(30, 1).astype(np.int32) for _ in range(2)]
    counted = Boundary(CLASSES, IGNORE)
    counted.update(*coarse)
    # The diagonal has 197 pixels.
    np.testing.assert_allclose(counted.iou(), slow_boundary_iou([(*coarse, None)], 4), rtol=1e-12)
    perfect = Boundary(CLASSES, IGNORE)
    perfect.update(coarse[0], coarse[0])
    assert (perfect.iou() == 1).all()
