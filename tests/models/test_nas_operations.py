"""Operations of the NAS cells: padding, atrous rates, where ReLU stands, regularisation and initial values."""

import keras
import numpy as np
import pytest
from keras import ops

from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.models.nas_operations import Operation, conv_norm, convolve


def images(height, width, channels=3, seed=0):
    return np.random.default_rng(seed).normal(size=(2, height, width, channels)).astype(np.float32)


@pytest.mark.parametrize("layer", [keras.layers.Conv2D, keras.layers.SeparableConv2D])
@pytest.mark.parametrize("size", [(8, 10), (9, 7)])
def test_a_stride_keeps_every_second_pixel_of_the_dense_features(layer, size):
    x = images(*size)
    strided, dense = (conv_norm(("conv", "bn"), 4, 5, strides, layer=layer) for strides in (2, 1))
    want = (convolve(dense, x), strided[0].build(x.shape))[0]
    strided[0].set_weights(dense[0].get_weights())
    np.testing.assert_allclose(convolve(strided, x), want[:, ::2, ::2], atol=1e-5)


@pytest.mark.parametrize("size", [(8, 10), (9, 7)])
@pytest.mark.parametrize(("stride", "rate"), [(1, 2), (2, 1)])
def test_an_atrous_operation_halves_instead_of_striding(size, stride, rate):
    x = images(*size)
    layer = Operation("atrous", 3, 4, stride)
    got = layer(x)
    ((conv, _),) = layer.pairs
    inputs = ops.relu(x)
    if stride == 2:
        inputs = resize_bilinear(inputs, tuple((side + 1) // 2 for side in size))
    want = ops.conv(inputs, conv.kernel, padding="same", dilation_rate=rate) / np.sqrt(1.001)
    np.testing.assert_allclose(got, want, atol=1e-5)


def test_a_separable_operation_has_relu_before_each_layer_only():
    x = images(7, 7)
    layer = Operation("separable", 3, 4, stride=2)
    got = np.array(layer(x))
    want = x
    for i, (conv, _) in enumerate(layer.pairs):
        kernels = conv.depthwise_kernel, conv.pointwise_kernel
        want = ops.separable_conv(ops.relu(want), *kernels, padding="same") / np.sqrt(1.001)
        want = want if i else want[:, ::2, ::2]
    np.testing.assert_allclose(got, want, atol=1e-5)
    assert got.min() < 0
    assert [conv.name for conv, _ in layer.pairs] == ["separable_3x3_1", "separable_3x3_2"]
    assert [norm.name for _, norm in layer.pairs] == ["bn_sep_3x3_1", "bn_sep_3x3_2"]


def test_all_kernels_decay_and_nothing_else():
    layer = Operation("separable", 3, 4, stride=1, weight_decay=0.2)
    layer(images(5, 5))
    kernels = [weight for weight in layer.trainable_weights if "kernel" in weight.name]
    assert len(kernels) == len(layer.losses) == 4
    want = sum(0.1 * float((np.array(kernel) ** 2).sum()) for kernel in kernels)
    assert float(sum(layer.losses)) == pytest.approx(want, rel=1e-5)


def test_initial_kernels_are_uniform_by_fan_in():
    layer = Operation("separable", 7, 24, stride=1)
    layer(images(5, 5, channels=24))
    conv = layer.pairs[0][0]
    for kernel, fan_in in ((conv.depthwise_kernel, 7 * 7 * 24), (conv.pointwise_kernel, 24)):
        values, limit = np.array(kernel), fan_in**-0.5
        assert 0.97 * limit < np.abs(values).max() <= limit
        assert values.std() == pytest.approx(limit / 3**0.5, rel=0.1)
