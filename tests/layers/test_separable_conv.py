"""The separable convolution against its definition in NumPy."""

import keras
import numpy as np
import pytest

from deeplab_tf2.layers import SeparableConv2D


def by_definition(layer, x, rate, activation):
    """Depthwise 3x3 at a rate, batch norm, activation, 1x1, batch norm, activation, with loops."""

    def norm(values, unit):
        gamma, beta, mean, variance = (np.array(weight) for weight in unit.batch_norm.weights)
        values = (values - mean) / np.sqrt(variance + unit.batch_norm.epsilon) * gamma + beta
        return np.maximum(values, 0) if activation else values

    kernel = np.array(layer.depthwise.conv.kernel)[:, :, :, 0]
    padded = np.pad(x, [(0, 0), (rate, rate), (rate, rate), (0, 0)])
    height, width = x.shape[1:3]
    depthwise = sum(
        padded[:, i * rate : i * rate + height, j * rate : j * rate + width] * kernel[i, j]
        for i in range(3)
        for j in range(3)
    )
    pointwise = np.array(layer.pointwise.conv.kernel)[0, 0]
    return norm(norm(depthwise, layer.depthwise) @ pointwise, layer.pointwise)


@pytest.mark.parametrize("rate", [1, 2, 6])
@pytest.mark.parametrize("activation", ["relu", None])
def test_equals_its_definition(rate, activation):
    rng = np.random.default_rng(rate)
    x = rng.normal(size=(2, 9, 11, 5)).astype(np.float32)
    layer = SeparableConv2D(7, dilation_rate=rate, activation=activation)
    layer(x)
    layer.set_weights([np.abs(rng.normal(1, 0.3, weight.shape)) for weight in layer.weights])
    np.testing.assert_allclose(layer(x), by_definition(layer, x, rate, activation), rtol=1e-4, atol=1e-4)


def test_saved_and_loaded_without_custom_objects(tmp_path):
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, SeparableConv2D(4, dilation_rate=2, weight_decay=1e-4)(inputs))
    path = str(tmp_path / "model.keras")
    model.save(path)
    x = np.random.default_rng(0).normal(size=(1, 8, 7, 3)).astype(np.float32)
    np.testing.assert_array_equal(keras.saving.load_model(path)(x), model(x))


def test_half_precision_runs_and_stays_half():
    layer = SeparableConv2D(4, dtype="mixed_bfloat16")
    assert keras.backend.standardize_dtype(layer(np.ones((1, 5, 5, 3), np.float32)).dtype) == "bfloat16"
