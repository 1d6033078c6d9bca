"""The image-level feature."""

import numpy as np

from deeplab_tf2.layers import ImagePooling


def test_every_pixel_gets_the_projected_mean():
    x = np.random.default_rng(0).normal(size=(2, 5, 7, 3)).astype(np.float32)
    layer = ImagePooling(4)
    got = np.array(layer(x))
    assert got.shape == (2, 5, 7, 4)
    kernel = np.array(layer.conv.conv.kernel)[0, 0]
    want = np.maximum(x.mean((1, 2)) @ kernel / np.sqrt(1 + layer.conv.batch_norm.epsilon), 0)
    np.testing.assert_allclose(got, np.broadcast_to(want[:, None, None], got.shape), atol=1e-5)


def test_a_window_slides_over_the_map():
    x = np.random.default_rng(0).normal(size=(1, 5, 7, 3)).astype(np.float32)
    layer = ImagePooling(2, strides=(2, 1), gate="q_sigmoid")
    got = np.array(layer(x, window=(3, 7)))
    means = np.stack([x[:, 0:3].mean((1, 2)), x[:, 2:5].mean((1, 2))], axis=1)
    gates = np.clip(means @ np.array(layer.conv.kernel)[0, 0] + 3, 0, 6) * 0.16667
    share = np.linspace(0, 1, 5)[None, :, None]
    rows = gates[:, :1] * (1 - share) + gates[:, 1:] * share
    np.testing.assert_allclose(got, np.broadcast_to(rows[:, :, None], got.shape), atol=1e-5)
    assert [weight.name for weight in layer.weights] == ["kernel", "bias"]


def test_part_of_a_map_takes_the_mean_of_the_whole():
    x = np.random.default_rng(0).normal(size=(2, 5, 8, 3)).astype(np.float32)
    layer = ImagePooling(4)
    # One image, two parts of it as a batch.
    whole = np.array(layer(x[:1]))
    parts = np.array(layer(np.concatenate([x[:1, :, :4], x[:1, :, 4:]]), mean=x[:1].mean((1, 2), keepdims=True)))
    np.testing.assert_allclose(parts, np.concatenate([whole[:, :, :4], whole[:, :, 4:]]), atol=1e-6)
