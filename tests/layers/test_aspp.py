"""ASPP: branches in the official order, rates, dropout."""

import numpy as np
import pytest

from deeplab_tf2.layers import ASPP

X = np.random.default_rng(0).normal(size=(1, 9, 12, 6)).astype(np.float32)


def count(layer):
    layer(X)
    return sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights)


@pytest.mark.parametrize(
    ("kwargs", "parameters"),
    [
        # 1x1 conv: 6*4+8; separable branch: 54+12 + 6*4+8; plain branch: 9*6*4+8; projection: 4*n*4+8
        ({"atrous_rates": (), "image_level_feature": False}, 32 + 24),
        ({"atrous_rates": (2, 3)}, 32 + 32 + 2 * 98 + 72),
        ({"atrous_rates": (2, 3), "separable": False}, 32 + 32 + 2 * 224 + 72),
    ],
)
def test_parameters(kwargs, parameters):
    assert count(ASPP(filters=4, **kwargs)) == parameters


def test_branch_order_is_the_official_one():
    layer = ASPP((2,), filters=4)
    layer(X)
    parts = [layer.image_pooling(X), *(branch(X) for branch in layer.branches)]
    joined = np.concatenate([np.array(part) for part in parts], axis=-1)
    np.testing.assert_allclose(layer(X), layer.projection(joined), atol=1e-5)
    assert [branch.name for branch in layer.branches] == ["aspp0", "aspp1"]


def test_without_projection_the_branches_come_as_they_are():
    layer = ASPP((2, 3), filters=4, image_level_feature=False, projection=False)
    outputs = layer(X, training=True)
    assert outputs.shape[-1] == 12
    np.testing.assert_array_equal(outputs[..., 4:8], layer.branches[1](X, training=True))


@pytest.mark.parametrize("projection", [True, False])
def test_a_gate_multiplies(projection):
    layer = ASPP((), filters=4, gate="sigmoid", projection=projection)
    outputs = np.array(layer(X))
    branch = layer.branches[0](X)
    features = np.array(layer.projection(branch) if projection else branch)
    np.testing.assert_allclose(outputs, features * np.array(layer.image_pooling(X)), atol=1e-6)
    assert layer.image_pooling.conv.use_bias


def test_bounded_activation_spares_image_pooling():
    layer = ASPP((2,), filters=4, activation="relu6")
    layer(X)
    kernels = [weight for weight in layer.trainable_weights if weight.name == "kernel"]
    for kernel in kernels:
        kernel.assign(np.full(kernel.shape, 50.0))
    assert np.array(layer.branches[0](X)).max() == 6 and np.array(layer.branches[1](X)).max() == 6
    assert np.array(layer.image_pooling(X)).max() > 6 or np.array(layer.image_pooling(-X)).max() > 6


def test_dropout_only_in_training():
    layer = ASPP((2,), filters=64)
    np.testing.assert_array_equal(layer(X), layer(X))
    dropped = np.array(layer.dropout(np.ones((1, 50, 50, 4), np.float32), training=True))
    assert 0.07 < np.mean(dropped == 0) < 0.13 and np.isclose(dropped.max(), 1 / 0.9)


def test_rates_reach_the_convolutions_and_the_config():
    layer = ASPP.from_config(ASPP((3, 6, 9), filters=8).get_config())
    assert [branch.depthwise.conv.dilation_rate for branch in layer.branches[1:]] == [(3, 3), (6, 6), (9, 9)]
