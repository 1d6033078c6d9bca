"""Squeeze-and-excitation against NumPy."""

import keras
import numpy as np

from deeplab_tf2.layers.squeeze_excite import SqueezeExcite


def test_against_numpy():
    rng = np.random.default_rng(5)
    x = rng.normal(1, 2, (2, 5, 4, 6)).astype(np.float32)
    weights = [rng.normal(0, 1.5, shape).astype(np.float32) for shape in ((1, 1, 6, 3), (3,), (1, 1, 3, 6), (6,))]
    layer = SqueezeExcite(6, 3)
    layer(x)
    layer.set_weights(weights)
    squeezed = np.maximum(x.mean((1, 2)) @ weights[0][0, 0] + weights[1], 0)
    gate = np.clip(squeezed @ weights[2][0, 0] + weights[3] + 3, 0, 6) * 0.16667
    assert gate.min() == 0 and gate.max() > 1 and np.any((gate > 0.1) & (gate < 0.9))
    np.testing.assert_allclose(layer(x), x * gate[:, None, None], atol=1e-5)


def test_weight_decay_is_that_of_the_kernels():
    layer = SqueezeExcite(4, 2, weight_decay=0.1)
    layer(np.ones((1, 2, 2, 4), np.float32))
    layer.set_weights([np.full(weight.shape, 3.0) for weight in layer.weights])
    np.testing.assert_allclose(float(sum(layer.losses)), 0.1 / 2 * 16 * 9, rtol=1e-5)


def test_configuration_round_trip():
    layer = SqueezeExcite(4, 2, kernel_initializer={"class_name": "Ones", "config": {}}, dtype="mixed_bfloat16")
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    outputs = again(np.ones((1, 3, 3, 4), np.float32))
    assert keras.backend.standardize_dtype(outputs.dtype) == "bfloat16"
    assert again.squeeze.filters == 2 and np.all(np.array(again.squeeze.kernel) == 1)
