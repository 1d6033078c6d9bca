"""1x1 convolutions: their own gradient is that of the stock layer, and is there in training only."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.layers import pointwise
from deeplab_tf2.layers.pointwise import Conv2D

IMAGES = tf.random.stateless_normal([2, 5, 7, 6], [0, 1])


def gradients(layer, images=IMAGES):
    """The result, and the gradients of a weighted sum of it to images and weights."""
    with tf.GradientTape() as tape:
        tape.watch(images)
        outputs = layer(images, training=True) if isinstance(layer, Conv2D) else layer(images)
        loss = tf.reduce_sum(outputs * tf.random.stateless_normal(tf.shape(outputs), [1, 2]))
    return [outputs, *tape.gradient(loss, [images, *(weight.value for weight in layer.trainable_weights)])]


@pytest.mark.parametrize(
    "settings",
    [
        {"use_bias": False},
        {"use_bias": False, "activation": "relu", "padding": "same"},
        {"use_bias": True},
        {"use_bias": False, "strides": 2},
        {"use_bias": False, "groups": 2},
        {"use_bias": False, "kernel_size": 3},
    ],
)
def test_all_gradients_are_those_of_the_stock_layer(settings):
    layers = [kind(**{"filters": 4, "kernel_size": 1, **settings}) for kind in (Conv2D, keras.layers.Conv2D)]
    for layer in layers:
        layer.build(IMAGES.shape)
    layers[1].set_weights(layers[0].get_weights())
    for one, other in zip(*map(gradients, layers), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


def operations(training):
    layer = Conv2D(4, 1, use_bias=False)
    layer.build(IMAGES.shape)
    function = tf.function(
        lambda images: tf.gradients(layer(images, training=training), layer.trainable_weights[0].value)
    )
    return {operation.type for operation in function.get_concrete_function(IMAGES).graph.get_operations()}


def test_the_product_is_there_in_training_only():
    assert "MatMul" in operations(True) and "Conv2DBackpropFilter" not in operations(True)
    assert "MatMul" not in operations(False)
    layer = Conv2D(4, 1, use_bias=False)
    graph = tf.function(lambda images: layer(images)).get_concrete_function(IMAGES).graph
    assert {"Conv2D", "IdentityN"} & {operation.type for operation in graph.get_operations()} == {"Conv2D"}


def test_half_precision_and_unknown_sizes():
    assert Conv2D(4, 1, use_bias=False, dtype="mixed_bfloat16")(IMAGES, training=True).dtype == tf.bfloat16
    assert not pointwise._is_float32_on_cpu(tf.cast(IMAGES, tf.float16))
    layer = Conv2D(4, 1, use_bias=False)
    function = tf.function(
        lambda images: gradients(layer, images)[2], input_signature=[tf.TensorSpec([None, None, None, 6])]
    )
    layer.build(IMAGES.shape)
    np.testing.assert_allclose(function(IMAGES), gradients(layer)[2], rtol=1e-5, atol=1e-5)
