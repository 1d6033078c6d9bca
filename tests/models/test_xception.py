"""Aligned Xception: published parameter counts, feature sizes, where ReLU stands, atrous consistency."""

import keras
import numpy as np
import pytest

from deeplab_tf2.models.xception import Xception, XceptionModule


@pytest.mark.parametrize(
    ("variant", "parameters"),
    [("xception_41", 24_920_560), ("xception_65", 37_867_312), ("xception_71", 40_289_736)],
)
def test_published_parameter_counts(variant, parameters):
    layer = Xception(variant)
    outputs = layer(keras.KerasTensor((None, 65, 65, 3)))
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == parameters
    assert outputs["backbone"].shape == (None, 5, 5, 2048)
    assert {key: value.shape[1:] for key, value in outputs.items() if key != "backbone"} == {
        "low_level_4": (17, 17, 256),
        "low_level_8": (9, 9, 728),
        "low_level_16": (5, 5, 1024),
    }


def alive(layer, seed=0, gains=(0.8, 1.2)):
    """Random statistics, gains and deviations within bounds, so that no path is silent and none explodes."""
    rng = np.random.default_rng(seed)
    for weight in layer.weights:
        if weight.name in ("gamma", "moving_variance"):
            weight.assign(rng.uniform(*gains, weight.shape))
        elif weight.name in ("beta", "moving_mean"):
            weight.assign(rng.normal(0, 0.1, weight.shape))


@pytest.mark.parametrize("size", [(96, 97), (65, 80)])
def test_atrous_consistency(size):
    """The same weights give the same features at every output stride, wherever both have one."""
    x = np.random.default_rng(0).normal(size=(1, *size, 3)).astype(np.float32)
    nominal = Xception("xception_41", output_stride=32)
    coarse = np.array((nominal(x), alive(nominal), nominal(x))[2]["backbone"])
    for output_stride in (16, 8):
        dense = Xception("xception_41", output_stride=output_stride)
        dense(keras.KerasTensor((None, *size, 3)))
        dense.set_weights(nominal.get_weights())
        step = 32 // output_stride
        features = np.array(dense(x)["backbone"])[:, ::step, ::step]
        np.testing.assert_allclose(features, coarse, atol=1e-5 * np.abs(coarse).max(), rtol=1e-3)


def test_decoder_feature_has_no_relu_and_exit_features_have():
    x = np.random.default_rng(0).normal(size=(1, 33, 33, 3)).astype(np.float32)
    layer = Xception("xception_41")
    outputs = (layer(x), alive(layer), layer(x))[2]
    assert np.array(outputs["low_level_4"]).min() < 0
    assert np.array(outputs["backbone"]).min() == 0


def test_shortcut_sees_the_raw_input():
    """With silent convolutions the module passes negative inputs on, through sum and projection alike."""
    x = -np.ones((1, 5, 5, 4), np.float32)
    for skip in ("sum", "conv"):
        module = XceptionModule((4, 4, 4), skip, 1, (1, 1, 1), activation_inside=False)
        module(x)
        for conv in module.convs:
            conv.pointwise.batch_norm.gamma.assign(np.zeros(4))
        if skip == "conv":
            module.shortcut.conv.kernel.assign(np.eye(4)[None, None])
        assert np.array(module(x)[0]).max() < -0.9


def test_multi_grid_scales_the_last_block():
    layer = Xception("xception_41", output_stride=16, multi_grid=(1, 2, 4))
    assert [conv.depthwise.conv.dilation_rate[0] for conv in layer.units[-1].convs] == [2, 4, 8]
    assert {conv.depthwise.conv.dilation_rate[0] for conv in layer.units[-2].convs} == {1}
