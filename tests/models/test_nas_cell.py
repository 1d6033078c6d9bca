"""The searched cell: what its two inputs meet, dynamic sizes, saving, and what drop path leaves alone."""

import keras
import numpy as np
import pytest
from keras import ops

from deeplab_tf2.layers.resize import resize_bilinear
from deeplab_tf2.models.nas_cell import GENOTYPES, Cell


def features(height, width, channels, seed=0):
    return np.random.default_rng(seed).normal(size=(3, height, width, channels)).astype(np.float32)


def silent(operation):
    """Lets an operation answer zero."""
    for _, norm in operation.pairs:
        norm.gamma.assign(np.zeros(norm.gamma.shape))


@pytest.mark.parametrize("genotype", GENOTYPES)
@pytest.mark.parametrize(
    ("options", "size"), [({}, (9, 8)), ({"stride": 2}, (5, 4)), ({"doubled": True}, (17, 15))], ids=str
)
def test_sizes(genotype, options, size):
    outputs = Cell(genotype, 4, **options)(keras.KerasTensor((None, 9, 8, 6)), keras.KerasTensor((None, 7, 11, 5)))
    assert outputs.shape == (None, *size, 20)


def test_stride_belongs_to_the_operations_on_the_inputs():
    cell = Cell("hnasnet", 4, stride=2)
    cell(features(8, 8, 4), features(8, 8, 4))
    halved = [[operation.halved for operation in pair] for pair in cell.operations]
    assert halved == [[True, False], [False, True], [False, False], [False, False], [False, False]]
    strides = [[operation.pairs[0][0].strides[0] for operation in pair] for pair in cell.operations]
    assert strides == [[1, 2], [2, 1], [1, 2], [1, 1], [1, 1]]


def test_a_previous_layer_of_the_right_width_is_resized_and_stays_raw():
    previous = -np.abs(features(5, 5, 4))
    cell = Cell("pnasnet", 4, project_previous=False)
    inputs = features(9, 7, 6)
    cell(inputs, previous)
    silent(cell.operations[0][0])
    first = np.array(cell(inputs, previous))[..., :4]
    want = ops.max_pool(resize_bilinear(previous, (9, 7)), 3, 1, "same")
    np.testing.assert_allclose(first, want, atol=1e-6)
    assert first.max() < 0


def test_a_projected_previous_layer_passes_relu():
    cell = Cell("pnasnet", 4)
    inputs, previous = features(6, 6, 6), features(6, 6, 6, seed=1)
    once = np.array(cell(inputs, previous))
    np.testing.assert_allclose(cell(inputs, np.maximum(previous, 0)), once, atol=1e-6)
    assert not np.allclose(cell(inputs, np.abs(previous)), once, atol=1e-3)


def test_drop_path_leaves_the_plain_connection():
    cell = Cell("pnasnet", 4, drop_path=True, batch_norm={"frozen": True})
    inputs, previous = features(6, 6, 6), features(6, 6, 6, seed=1)
    still = np.array(cell(inputs, previous, keep_probability=1e-6))
    dropped = np.array(cell(inputs, previous, keep_probability=1e-6, training=True))
    conv, norm = cell.beginning
    np.testing.assert_allclose(dropped[..., 16:], norm(conv(ops.relu(inputs))), atol=1e-6)
    assert not dropped[..., :16].any()
    assert all(still[..., i : i + 4].any() for i in range(0, 20, 4))
    assert Cell("pnasnet", 4).drop_path is None


@pytest.mark.parametrize("options", [{"stride": 2}, {"doubled": True}], ids=str)
def test_dynamic_sizes_equal_static_ones(options):
    import tensorflow as tf

    cell = Cell("hnasnet", 4, **options)
    inputs, previous = features(8, 6, 6), features(7, 9, 5)
    static = cell(inputs, previous)
    signature = [tf.TensorSpec((None, None, None, channels)) for channels in (6, 5)]
    np.testing.assert_allclose(tf.function(cell, input_signature=signature)(inputs, previous), static, atol=1e-5)


def test_weights_move_between_cells_with_and_without_drop_path(tmp_path):
    path = tmp_path / "x.weights.h5"
    x = features(6, 6, 6), features(6, 6, 5)
    models = []
    for drop_path in (False, True):
        inputs = keras.Input((6, 6, 6)), keras.Input((6, 6, 5))
        models.append(keras.Model(inputs, Cell("hnasnet", 4, drop_path=drop_path)(*inputs)))
    want = np.array(models[0](x))
    for one, other in (models, models[::-1]):
        one.save_weights(path)
        other.set_weights([np.zeros(weight.shape, np.float32) for weight in other.weights])
        other.load_weights(path)
        np.testing.assert_allclose(other(x), want, atol=1e-6)
