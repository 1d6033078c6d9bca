"""Weights of classes against their formulas, written out in plain loops."""

import statistics
import typing

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.data.label_weights import METHODS, label_weights, settled_weights
from deeplab_tf2.training_config import LabelWeighting

PIXELS = (5_000, 900, 0, 400, 3_000)


def scaled(weights):
    """The weights of the classes that occur, with an average pixel of 1, and 1 for the absent class."""
    mean = sum(weight * count for weight, count in zip(weights, PIXELS, strict=True)) / sum(PIXELS)
    return [weight / mean if count else 1.0 for weight, count in zip(weights, PIXELS, strict=True)]


def test_median_frequency_is_the_formula():
    median = statistics.median(count / sum(PIXELS) for count in PIXELS if count)
    expected = scaled([median / (count / sum(PIXELS)) if count else 0 for count in PIXELS])
    np.testing.assert_allclose(label_weights(PIXELS, "median_frequency"), expected)


@pytest.mark.parametrize("beta", [0.999, None])
def test_effective_number_is_the_formula(beta):
    used = beta or 1 - 1 / statistics.median(count for count in PIXELS if count)
    expected = scaled([(1 - used) / (1 - used**count) if count else 0 for count in PIXELS])
    np.testing.assert_allclose(label_weights(PIXELS, "effective_number", beta=beta), expected)


@pytest.mark.parametrize("method", METHODS)
def test_what_both_methods_promise(method):
    weights = label_weights(PIXELS, method)
    assert np.sum(weights * PIXELS) / sum(PIXELS) == pytest.approx(1)
    assert weights[3] > weights[1] > weights[4] > weights[0] > 0 and weights[2] == 1
    np.testing.assert_allclose(label_weights(np.array(PIXELS) * 1000, method), weights, rtol=1e-3)
    np.testing.assert_allclose(label_weights([7, 7, 7], method), 1)


@pytest.mark.parametrize("method", METHODS)
def test_rare_classes_are_capped(method):
    weights = label_weights([10**9, 10**9, 10**9, 1], method, cap=5)
    assert weights[3] / weights[0] == pytest.approx(5)


def test_effective_number_leaves_common_classes_nearly_equal():
    median, effective = (label_weights([100_000, 20_000, 2_000], method) for method in METHODS)
    assert effective[1] / effective[0] < 2 < median[1] / median[0]


def test_weights_of_a_split_are_numbers_that_can_be_written_down():
    splits = {"train": Split(9, 1, class_pixels=(123_456, 2_345, 67)), "val": Split(3, 1)}
    toy = Descriptor("toy", ("a", "b", "c"), ((0, 0, 0),) * 3, splits=splits)
    for word in typing.get_args(LabelWeighting):
        weights = settled_weights(toy, "train", word)
        method = "median_frequency" if word == "auto" else word
        np.testing.assert_allclose(weights, label_weights((123_456, 2_345, 67), method), rtol=5e-4)
        assert all(weight == float(f"{weight:.4g}") for weight in weights)
    with pytest.raises(InputError, match="no counts of the split 'val': convert .* or type the numbers"):
        settled_weights(toy, "val", "auto")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0, 0],), "at least one of them above 0"),
        (([1, 2], "inverse"), "legal are median_frequency, effective_number"),
        (([1, 2], "median_frequency"), "beta belongs to the method effective_number"),
        (([1, 2], "effective_number"), "beta between 0 and 1"),
    ],
)
def test_arguments_that_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        label_weights(*arguments, beta=1.5 if "between" in words else 0.5 if "belongs" in words else None)
