"""The random state of dropout survives a weights file."""

import keras
import numpy as np

from deeplab_tf2.layers.dropout import Dropout


def test_a_reloaded_layer_goes_on_where_it_was(tmp_path):
    def model(seed):
        return keras.Sequential([keras.Input((50,)), Dropout(0.5, seed=seed)])

    x = np.ones((2, 50), np.float32)
    one, other = model(1), model(2)
    one(x, training=True)
    one.save_weights(tmp_path / "x.weights.h5")
    other.load_weights(tmp_path / "x.weights.h5")
    following = np.array(one(x, training=True))
    np.testing.assert_array_equal(other(x, training=True), following)
    assert not np.array_equal(one(x, training=True), following)
    np.testing.assert_array_equal(one(x), x)
