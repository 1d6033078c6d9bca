"""Scores along borders, against the definition pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_labels import CLASSES, IGNORE, labelled, quick, slow_iou, window

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.trimap import Trimap

WIDTHS = (1, 2, 4)


def slow_curve(images, border):
    """mIoU and pixel accuracy in each band."""
    for width in WIDTHS:
        pairs = []
        for truth, labels, _ in images:
            for place in np.ndindex(truth.shape):
                around = window(truth, place, width)
                near = IGNORE in around if border == "void" else (around != truth[place]).any()
                if truth[place] != IGNORE and near:
                    pairs.append((truth[place], labels[place]))
        iou = [value for value in slow_iou(pairs) if value == value]
        right = sum(true == predicted for true, predicted in pairs)
        yield (np.mean(iou), right / len(pairs)) if pairs else (np.nan, np.nan)


@pytest.mark.parametrize("border", [None, "void", "edges"])
@quick
@given(st.lists(labelled(), min_size=2, max_size=2))
def test_the_curve_follows_the_definition(border, images):
    counted = Trimap(CLASSES, IGNORE, WIDTHS, border)
    for truth, labels, _ in images:
        counted.update(truth, labels)
    curve = counted.curve()
    # The widest band along void holds some pixel.
    near = any(
        truth[place] != IGNORE and IGNORE in window(truth, place, WIDTHS[-1])
        for truth, _, _ in images
        for place in np.ndindex(truth.shape)
    )
    assert curve.border == border or (border is None and (curve.border == "void") == near)
    expected = np.array(list(slow_curve(images, curve.border))).T
    np.testing.assert_allclose([curve.miou, curve.pixel_accuracy], expected, rtol=1e-12)


def test_bands_lie_along_void_where_there_is_any():
    truth = np.array([[0, 0, 255, 1, 1, 1, 0]])
    counted = Trimap(2, 255, (1, 10))
    counted.update(truth, np.zeros_like(truth))
    curve = counted.curve()
    assert curve.border == "void" and curve.widths == (1, 10)
    np.testing.assert_allclose(curve.pixel_accuracy, [1 / 2, 3 / 6])
    counted = Trimap(2, None, (1, 10))
    counted.update(truth % 2, np.zeros_like(truth))
    assert counted.curve().border == "edges"


@pytest.mark.parametrize("widths", [(), (0, 1), (2, 1), (1, 1)])
def test_widths_that_do_not_grow_are_refused(widths):
    with pytest.raises(InputError, match="trimap_widths is .*growing numbers"):
        Trimap(2, 255, widths)


def test_another_border_is_refused():
    with pytest.raises(InputError, match="trimap_border is 'hedge'; legal are void, edges"):
        Trimap(2, 255, (1,), "hedge")
