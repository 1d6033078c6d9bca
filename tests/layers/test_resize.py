"""Corner-aligned resizing: native and portable ways agree, with each other and with the definition."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.layers.resize import _interpolate, resize_bilinear, resize_nearest, scale_dimension


@pytest.mark.parametrize(("size", "target"), [((4, 5), (7, 9)), ((1, 1), (3, 4)), ((9, 2), (5, 1)), ((6, 6), (6, 6))])
def test_native_and_portable_agree(size, target):
    x = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    portable = _interpolate(_interpolate(x, target[0], axis=1), target[1], axis=2)
    np.testing.assert_allclose(resize_bilinear(tf.constant(x), target), portable, atol=1e-5)


def test_corners_stay_corners():
    ramp = tf.reshape(tf.range(4.0), [1, 1, 4, 1])
    np.testing.assert_allclose(resize_bilinear(ramp, (1, 7))[0, 0, :, 0], [0, 0.5, 1, 1.5, 2, 2.5, 3], atol=1e-6)


def test_dynamic_sizes_gradient_and_dtype():
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 2], tf.float16)])
    def doubled(x):
        return resize_bilinear(x, (tf.shape(x)[1] * 2, tf.shape(x)[2] * 2))

    assert doubled(tf.ones([1, 3, 5, 2], tf.float16)).shape == (1, 6, 10, 2)
    assert doubled(tf.ones([1, 3, 5, 2], tf.float16)).dtype == tf.float16
    x = tf.ones([1, 3, 3, 1])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(resize_bilinear(x, (5, 5)))
    np.testing.assert_allclose(tf.reduce_sum(tape.gradient(y, x)), 25.0, rtol=1e-6)


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [(513, 1 / 16, 33), (513, 1 / 4, 129), (96, 1 / 4, 24), (1, 1 / 4, 1), (321, 0.6, 193), (9, 2, 17)],
)
def test_scale_dimension(size, scale, expected):
    assert scale_dimension(size, scale) == expected
    assert int(scale_dimension(tf.constant(size), scale)) == expected


@pytest.mark.parametrize("target", [(9, 13), (2, 3), (5, 7), (1, 1)])
def test_nearest_equals_the_native_op(target):
    labels = np.random.default_rng(0).integers(0, 20, (2, 5, 7))
    native = tf.raw_ops.ResizeNearestNeighbor(images=labels[..., None], size=target, align_corners=True)[..., 0]
    np.testing.assert_array_equal(resize_nearest(labels, target), native)


@pytest.mark.parametrize("size", [(7, 9), (1, 3)])
def test_float64_is_computed_as_such(size):
    x = np.random.default_rng(0).normal(size=(1, 4, 5, 1))
    rows, columns = (np.linspace(0, side - 1, n) if n > 1 else [0.0] for side, n in zip((4, 5), size, strict=True))
    lines = np.stack([np.interp(columns, np.arange(5), line) for line in x[0, :, :, 0]])
    want = np.stack([np.interp(rows, np.arange(4), line) for line in lines.T], axis=1)

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 1], tf.float64), tf.TensorSpec([2], tf.int32)])
    def dynamic(images, size):
        return resize_bilinear(images, (size[0], size[1]))

    for got in (resize_bilinear(tf.constant(x), size), dynamic(x, size)):
        np.testing.assert_allclose(got[0, :, :, 0], want, atol=1e-14)
