"""The last layer: one convolution, or a sum over rates."""

import numpy as np

from deeplab_tf2.layers import Logits

X = np.random.default_rng(0).normal(size=(1, 9, 7, 4)).astype(np.float32)


def test_one_convolution():
    layer = Logits(3)
    outputs = np.array(layer(X))
    assert layer.convs[0].name == "semantic"
    np.testing.assert_allclose(outputs, X @ np.array(layer.kernel)[0, 0], atol=1e-6)


def test_rates_are_summed_and_named_as_official():
    layer = Logits(3, atrous_rates=(2, 3), kernel_size=3, weight_decay=0.5)
    outputs = np.array(layer(X))
    assert [(conv.name, conv.dilation_rate) for conv in layer.convs] == [("semantic", (2, 2)), ("semantic_1", (3, 3))]
    np.testing.assert_allclose(outputs, sum(np.array(conv(X)) for conv in layer.convs), atol=1e-5)
    squares = sum(float(np.sum(np.square(np.array(conv.kernel)))) for conv in layer.convs)
    np.testing.assert_allclose(sum(float(loss) for loss in layer.losses), 0.25 * squares, rtol=1e-5)


def test_the_config_brings_it_back():
    layer = Logits.from_config(Logits(5, (6, 12), 3).get_config())
    assert len(layer.convs) == 2 and layer.convs[1].kernel_size == (3, 3)
