"""Convolution units: padding, weights, decay."""

import keras
import numpy as np
import pytest

from deeplab_tf2.layers import ConvBatchNorm, DepthwiseConvBatchNorm
from deeplab_tf2.layers.conv import fixed_padding, truncated_normal


@pytest.mark.parametrize("size", [4, 5])
def test_fixed_padding_keeps_strided_convolutions_on_the_grid_of_dense_ones(size):
    """The official test: on ramps, a strided convolution is the dense one, subsampled, for even sizes too."""
    x = np.add.outer(np.arange(size), np.arange(size)).astype(np.float32)[None, :, :, None]
    dense = DepthwiseConvBatchNorm(kernel_initializer="ones", activation=None)
    strided = DepthwiseConvBatchNorm(strides=2, padding="fixed", kernel_initializer="ones", activation=None)
    native = DepthwiseConvBatchNorm(strides=2, kernel_initializer="ones", activation=None)
    np.testing.assert_allclose(strided(x), np.array(dense(x))[:, ::2, ::2], rtol=1e-5)
    assert np.allclose(native(x), strided(x)) == (size == 5)


def test_official_ramp_values():
    """The kernel and the values of the official test of its fixed padding."""
    x = np.add.outer(np.arange(4), np.arange(4)).astype(np.float32)[None, :, :, None]
    ramp = np.add.outer(np.arange(3), np.arange(3)).astype(np.float32)[:, :, None, None]
    conv = keras.layers.DepthwiseConv2D(3, 2, "valid", use_bias=False)
    conv(fixed_padding(x, 3))
    conv.set_weights([ramp])
    np.testing.assert_allclose(np.array(conv(fixed_padding(x, 3)))[0, :, :, 0], [[14, 43], [43, 84]])
    same = keras.layers.DepthwiseConv2D(3, 2, "same", use_bias=False)
    same(x)
    same.set_weights([ramp])
    np.testing.assert_allclose(np.array(same(x))[0, :, :, 0], [[48, 37], [37, 22]])


def test_fixed_padding_of_an_atrous_kernel():
    assert fixed_padding(np.zeros((1, 5, 5, 1), np.float32), 3, 4).shape == (1, 13, 13, 1)


def test_only_regular_kernels_are_decayed():
    conv, depthwise = ConvBatchNorm(4, 3, weight_decay=0.5), DepthwiseConvBatchNorm()
    for layer in (conv, depthwise):
        layer(np.zeros((1, 5, 5, 3), np.float32))
    kernel = np.array(conv.conv.kernel)
    np.testing.assert_allclose(conv.losses[0], 0.5 * (kernel**2).sum() / 2, rtol=1e-5)
    assert depthwise.losses == []
    assert [weight.name for weight in conv.weights] == [
        "kernel", "gamma", "beta", "moving_mean", "moving_variance",
    ]  # fmt: skip


def test_unknown_padding_is_refused():
    with pytest.raises(ValueError, match="'valid'; legal are 'same' and 'fixed'"):
        ConvBatchNorm(3, padding="valid")


def test_configuration_rebuilds_the_layer():
    layer = ConvBatchNorm(
        7,
        3,
        dilation_rate=2,
        batch_norm={"epsilon": 1e-5},
        kernel_initializer=truncated_normal(0.09),
        name="aspp1",
    )
    again = ConvBatchNorm.from_config(layer.get_config())
    assert again.conv.dilation_rate == (2, 2) and again.conv.filters == 7 and again.name == "aspp1"
    assert again.batch_norm.epsilon == 1e-5 and again.conv.kernel_initializer.stddev == 0.09
