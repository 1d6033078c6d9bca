"""The decoder: sizes, parameters, order of the merge."""

import numpy as np
import pytest

from deeplab_tf2.layers import Decoder

FEATURES = np.random.default_rng(0).normal(size=(1, 3, 4, 10)).astype(np.float32)
LOW_LEVEL = np.random.default_rng(1).normal(size=(1, 9, 13, 6)).astype(np.float32)


@pytest.mark.parametrize(
    ("separable", "parameters"),
    [
        (True, 6 * 48 + 96 + (58 * 9 + 116 + 58 * 8 + 16) + (72 + 16 + 64 + 16)),
        (False, 6 * 48 + 96 + 58 * 72 + 16 + 592),
    ],
)
def test_shape_and_parameters(separable, parameters):
    layer = Decoder(filters=8, separable=separable)
    assert layer(FEATURES, LOW_LEVEL, size=(9, 13)).shape == (1, 9, 13, 8)
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == parameters


def test_features_come_before_the_low_level_in_the_merge():
    layer = Decoder(filters=8, separable=False)
    layer(FEATURES, LOW_LEVEL, size=(9, 13))
    kernel = np.zeros(layer.convs[0].conv.kernel.shape, np.float32)
    kernel[:, :, 10:] = 1.0
    layer.convs[0].conv.kernel.assign(kernel)
    before = np.array(layer(FEATURES, LOW_LEVEL, size=(9, 13)))
    np.testing.assert_array_equal(layer(FEATURES * 5, LOW_LEVEL, size=(9, 13)), before)
    assert not np.allclose(layer(FEATURES, LOW_LEVEL * 5, size=(9, 13)), before)
