"""The dense prediction cell: shapes, rates, order and pooling windows of the official tests."""

import numpy as np
import pytest

from deeplab_tf2.layers import DensePredictionCell

X = np.random.default_rng(0).normal(size=(2, 17, 17, 5)).astype(np.float32)
CITYSCAPES = [
    {"op": "conv", "kernel": 3, "rate": [1, 6], "input": -1},
    {"op": "conv", "kernel": 3, "rate": [18, 15], "input": 0},
    {"op": "conv", "kernel": 3, "rate": [6, 3], "input": 1},
    {"op": "conv", "kernel": 3, "rate": [1, 1], "input": 0},
    {"op": "conv", "kernel": 3, "rate": [6, 21], "input": 0},
]
POOLING = [
    {"op": "conv", "kernel": 1, "input": -1},
    {"op": "pyramid_pooling", "grid_size": [2, 4], "input": 0},
]


def test_rates_follow_the_output_stride():
    rates = {
        stride: [conv.depthwise.conv.dilation_rate for conv in DensePredictionCell(CITYSCAPES, stride).convs]
        for stride in (16, 8)
    }
    assert rates[16] == [(1, 6), (18, 15), (6, 3), (1, 1), (6, 21)]
    assert rates[8] == [(2, 12), (36, 30), (12, 6), (2, 2), (12, 42)]


@pytest.mark.parametrize("branches", [CITYSCAPES, POOLING])
def test_shape_and_sources(branches):
    layer = DensePredictionCell(branches, filters=4)
    outputs = layer(X, pooling_size=(257, 257))
    assert outputs.shape == (2, 17, 17, 4) and np.all(np.isfinite(outputs))
    assert layer.projection.conv.kernel.shape == (1, 1, 4 * len(branches), 4)


def test_pooling_divides_the_image_by_its_grid():
    layer = DensePredictionCell(POOLING, filters=4)
    layer(X, pooling_size=(257, 257))
    inner = np.array(layer.convs[0](X))
    # 257 pixels at stride 16 and a grid of 2 and 4 cells: windows of 9 and 5 features.
    windows = np.lib.stride_tricks.sliding_window_view(inner, (9, 5), axis=(1, 2)).mean((-2, -1))
    pooled = np.array(layer.convs[1](windows))
    outputs = np.array(layer(X, pooling_size=(257, 257)))
    rows = np.linspace(0, 8, 17)
    columns = np.linspace(0, 12, 17)
    blended = np.stack([[pooled[:, int(r)] * (1 - r % 1) + pooled[:, min(int(r) + 1, 8)] * (r % 1) for r in rows]])[0]
    blended = np.stack(
        [blended[:, :, int(c)] * (1 - c % 1) + blended[:, :, min(int(c) + 1, 12)] * (c % 1) for c in columns], axis=2
    ).transpose(1, 0, 2, 3)
    expected = layer.projection(np.concatenate([inner, blended], -1).astype(np.float32))
    np.testing.assert_allclose(outputs, expected, atol=1e-5)


def test_dropout_comes_before_the_projection():
    layer = DensePredictionCell(POOLING, filters=4)
    layer(X, pooling_size=(257, 257))
    layer.projection.trainable = False
    layer.projection.conv.kernel.assign(np.ones_like(layer.projection.conv.kernel))
    still = np.array(layer(X, pooling_size=(257, 257)))
    dropped = np.array(layer(X, pooling_size=(257, 257), training=True))
    assert not np.allclose(still, dropped)
