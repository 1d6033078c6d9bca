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
