"""Batch norm against TF1's fused operation, and frozen statistics under `fit`."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.layers import BatchNormalization


@pytest.mark.parametrize("synchronized", [False, True])
def test_training_equals_the_fused_op_of_tf1(synchronized):
    """Natively, and by the portable way that other backends and synchronised training take."""
    rng = np.random.default_rng(0)
    x = rng.normal(2.0, 3.0, (3, 4, 5, 6)).astype(np.float32)
    layer = BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=synchronized)
    got = layer(x, training=True)
    want, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=tf.ones(6), offset=tf.zeros(6), mean=[], variance=[], epsilon=1e-5, is_training=True
    )
    np.testing.assert_allclose(got, want, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, 0.1 * mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, 0.9 + 0.1 * variance, rtol=1e-5)
    biased = x.var((0, 1, 2))
    np.testing.assert_allclose(variance, biased * 60 / 59, rtol=1e-5)


def test_half_precision_keeps_statistics_in_float32():
    layer = BatchNormalization(dtype="mixed_bfloat16")
    assert layer(np.ones((2, 3, 3, 4), np.float32), training=True).dtype == tf.bfloat16
    assert layer.moving_mean.dtype == "float32"


def test_one_value_per_channel_gives_no_nan():
    layer = BatchNormalization()
    assert np.all(np.isfinite(layer(np.ones((1, 1, 1, 3), np.float32), training=True)))
    assert np.all(np.isfinite(layer.moving_variance))


def fitted(frozen):
    layer = BatchNormalization(frozen=frozen)
    model = keras.Sequential([keras.Input((4, 4, 3)), layer, keras.layers.GlobalAveragePooling2D()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.normal(5, 1, (8, 4, 4, 3)), rng.normal(0, 1, (8, 3)), epochs=2, verbose=0)
    return layer


def test_frozen_statistics_survive_fit_while_gamma_and_beta_train():
    layer = fitted(frozen=True)
    np.testing.assert_array_equal(layer.moving_mean, np.zeros(3))
    np.testing.assert_array_equal(layer.moving_variance, np.ones(3))
    assert np.all(np.array(layer.gamma) != 1) and np.all(np.array(layer.beta) != 0)
    assert len(layer.trainable_weights) == 2


def test_statistics_move_otherwise():
    assert np.all(np.array(fitted(frozen=False).moving_mean) != 0)


def test_config_round_trip():
    layer = BatchNormalization(momentum=0.9997, epsilon=1e-5, frozen=True)
    again = BatchNormalization.from_config(layer.get_config())
    assert (again.momentum, again.epsilon, again.frozen) == (0.9997, 1e-5, True)
