"""MobileNetV2: widths, sizes, atrous consistency, equality with the network that Keras distributes."""

import keras
import numpy as np
import pytest
from test_xception import alive

from deeplab_tf2.models.mobilenet_v2 import MobileNetV2, make_divisible, widths


def test_widths_round_as_officially():
    assert widths(1.0) == (32, 16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320)
    assert sorted(set(widths(0.5))) == [8, 12, 16, 32, 48, 80, 160]
    assert set(widths(0.5, divisible_by=8)) == {8, 16, 32, 48, 80, 160}
    assert make_divisible(12, 8) == 16 and make_divisible(11, 8) == 16 and make_divisible(25, 8) == 24


def test_feature_sizes_and_channels():
    outputs = MobileNetV2()(keras.KerasTensor((None, 97, 129, 3)))
    assert {key: value.shape[1:] for key, value in outputs.items()} == {
        "backbone": (7, 9, 320),
        "low_level_4": (25, 33, 144),
        "low_level_8": (13, 17, 192),
        "low_level_16": (7, 9, 576),
    }


@pytest.mark.parametrize("size", [(65, 97), (33, 129)])
def test_atrous_consistency_on_aligned_sizes(size):
    x = np.random.default_rng(0).normal(size=(1, *size, 3)).astype(np.float32)
    nominal = MobileNetV2(output_stride=32)
    coarse = np.array((nominal(x), alive(nominal), nominal(x))[2]["backbone"])
    for output_stride in (16, 8):
        dense = MobileNetV2(output_stride=output_stride)
        dense(keras.KerasTensor((None, *size, 3)))
        dense.set_weights(nominal.get_weights())
        step = 32 // output_stride
        features = np.array(dense(x)["backbone"])[:, ::step, ::step]
        np.testing.assert_allclose(features, coarse, atol=1e-5 * np.abs(coarse).max(), rtol=1e-3)
