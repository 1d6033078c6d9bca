"""Right pixels show the photograph in grey, wrong ones red, ignored ones cream."""

import numpy as np

from deeplab_tf2.pictures.error_map import WRONG, error_map
from deeplab_tf2.pictures.overlay import IGNORED

IMAGE = np.full((1, 3, 3), (30, 60, 90), np.uint8)
TRUTH, LABELS = np.array([[1, 1, 255]]), np.array([[1, 0, 1]])


def test_every_pixel_tells_what_it_is():
    right, wrong, ignored = error_map(IMAGE, TRUTH, LABELS, 255)[0]
    assert (right == 60).all()
    for pixel, color in ((wrong, WRONG), (ignored, IGNORED)):
        np.testing.assert_allclose(pixel, 0.2 * 60 + 0.8 * np.array(color), atol=0.51)


def test_without_an_ignored_label_every_difference_is_an_error():
    _, wrong, other = error_map(IMAGE, TRUTH, LABELS)[0]
    assert (wrong == other).all() and wrong[0] > wrong[1]
