"""Calibration, against a loop over pixels and against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_labels import IGNORE, labelled, quick

from deeplab_tf2.evaluation.calibration import Reliability


@quick
@given(st.lists(labelled(), min_size=2, max_size=2))
def test_bins_hold_what_the_definition_says(images):
    counted = Reliability(IGNORE, bins=4)
    bins = [[] for _ in range(4)]
    for truth, labels, confidence in images:
        counted.update(truth, labels, confidence)
        for place in np.ndindex(truth.shape):
            if truth[place] != IGNORE:
                told = float(confidence[place])
                bins[max(math.ceil(told * 4) - 1, 0)].append((told, truth[place] == labels[place]))
    found = counted.calibration()
    assert found.pixels.tolist() == list(map(len, bins)) and found.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    means = np.array([np.mean(pixels, 0) if pixels else (np.nan, np.nan) for pixels in bins]).T
    np.testing.assert_allclose([found.confidence, found.accuracy], means, rtol=1e-6)
    total = sum(map(len, bins))
    error = sum(abs(np.mean(pixels, 0) @ [1, -1]) * len(pixels) / total for pixels in bins if pixels)
    assert found.error == pytest.approx(error) if total else math.isnan(found.error)


def test_the_bins_are_those_of_scikit_learn():
    calibration = pytest.importorskip("sklearn.calibration", reason="the extra 'dev' is not installed")
    rng = np.random.default_rng(0)
    confidence = rng.random(2000).astype(np.float32)
    truth = rng.integers(0, 2, confidence.shape)
    right = rng.random(confidence.shape) < confidence
    counted = Reliability(None)
    counted.update(truth, np.where(right, truth, 1 - truth), confidence)
    found = counted.calibration()
    accuracy, mean = calibration.calibration_curve(right, confidence, n_bins=15)
    np.testing.assert_allclose(found.accuracy, accuracy, rtol=1e-12)
    np.testing.assert_allclose(found.confidence, mean, rtol=1e-6)


def test_a_network_that_is_always_sure_is_as_wrong_as_it_is():
    counted = Reliability(255)
    # Sums of probabilities may end a little above 1.
    counted.update(np.array([[0, 0, 1, 255]]), np.array([[0, 1, 1, 0]]), np.full((1, 4), 1.0000001, np.float32))
    assert counted.calibration().error == pytest.approx(1 / 3, abs=1e-6)
    assert counted.calibration().pixels.tolist() == [0] * 14 + [3]
