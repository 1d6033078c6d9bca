"""Sliding means against NumPy, with sizes known and unknown."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.layers.window_mean import window_mean

X = np.random.default_rng(0).normal(size=(2, 7, 9, 3)).astype(np.float32)


def expected(window, strides):
    windows = np.lib.stride_tricks.sliding_window_view(X, window, axis=(1, 2))
    return windows[:, :: strides[0], :: strides[1]].mean((-2, -1))


@pytest.mark.parametrize(
    ("window", "strides"), [((7, 9), (1, 1)), ((3, 4), (1, 1)), ((3, 4), (2, 5)), ((1, 9), (4, 1)), ((5, 5), (1, 2))]
)
def test_equals_numpy(window, strides):
    np.testing.assert_allclose(window_mean(X, window, strides), expected(window, strides), atol=1e-6)


def test_a_window_larger_than_the_map_is_cut_to_it():
    np.testing.assert_allclose(window_mean(X, (25, 4)), expected((7, 4), (1, 1)), atol=1e-6)


def test_unknown_sizes():
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32)])
    def dynamic(x):
        return window_mean(x, (tf.shape(x)[1] // 2, 4), (2, 2))

    np.testing.assert_allclose(dynamic(X), expected((3, 4), (2, 2)), atol=1e-6)
