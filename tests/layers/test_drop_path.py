"""Drop path: statistics, identity outside training, and random state that survives a weights file."""

import keras
import numpy as np
import pytest

from deeplab_tf2.layers.drop_path import DropPath


@pytest.mark.parametrize("keep", [0.3, 0.8])
def test_whole_samples_go_and_the_mean_stays(keep):
    x = np.random.default_rng(0).uniform(1, 2, (4000, 2, 2, 3)).astype(np.float32)
    y = np.array(DropPath(seed=1)(x, keep_probability=keep, training=True))
    kept = (y != 0).any(axis=(1, 2, 3))
    np.testing.assert_allclose(y[kept], x[kept] / keep, rtol=1e-6)
    assert abs(kept.mean() - keep) < 0.03


def test_nothing_happens_outside_training_or_when_all_is_kept():
    x = np.random.default_rng(0).normal(size=(8, 2, 2, 3)).astype(np.float32)
    layer = DropPath()
    np.testing.assert_array_equal(layer(x, keep_probability=0.5), x)
    np.testing.assert_array_equal(layer(x, keep_probability=0.5, training=False), x)
    np.testing.assert_array_equal(layer(x, keep_probability=1.0, training=True), x)


def test_half_precision_keeps_nearly_all_at_a_probability_near_one():
    x = np.ones((3000, 1, 1, 1), np.float16)
    y = np.array(DropPath(dtype="float16", seed=0)(x, keep_probability=0.9, training=True))
    assert y.dtype == np.float16
    assert abs((y == 0).mean() - 0.1) < 0.02


class Dropping(keras.layers.Layer):
    def __init__(self, seed, **kwargs):
        super().__init__(**kwargs)
        self.drop_path = DropPath(seed=seed)

    def call(self, inputs):
        return self.drop_path(inputs, keep_probability=0.5)


def test_a_reloaded_layer_goes_on_where_it_was(tmp_path):
    x = np.ones((64, 1, 1, 1), np.float32)
    one, other = (keras.Sequential([keras.Input((1, 1, 1)), Dropping(seed)]) for seed in (1, 2))
    one(x, training=True)
    one.save_weights(tmp_path / "x.weights.h5")
    other.load_weights(tmp_path / "x.weights.h5")
    following = np.array(one(x, training=True))
    np.testing.assert_array_equal(other(x, training=True), following)
    assert not np.array_equal(one(x, training=True), following)


def test_config_round_trip():
    layer = DropPath.from_config(DropPath(seed=3, name="d").get_config())
    assert (layer.seed, layer.name) == (3, "d")
