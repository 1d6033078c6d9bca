"""The terms of the loss against their definitions, in NumPy and float64."""

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from deeplab_tf2.training import loss_terms


def batch(classes=4, size=(2, 9, 7), dtype=np.float64, stray=()):
    """Labels, some of them ignored (255) or strays, and logits."""
    rng = np.random.default_rng(0)
    labels = rng.choice([*range(classes), 255, *stray], size).astype(np.int32)
    return labels, rng.normal(0, 4, (*size, classes)).astype(dtype)


def softmax(logits):
    exponents = np.exp(logits - logits.max(-1, keepdims=True))
    return exponents / exponents.sum(-1, keepdims=True)


def test_cross_entropy_and_its_gradient():
    labels, logits = batch(stray=(4, -1))
    x = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = loss_terms.cross_entropy(tf.constant(labels), x)
    probabilities, known = softmax(logits), (labels >= 0) & (labels < 4)
    truth = np.eye(4)[np.where(known, labels, 0)] * known[..., None]
    want = -np.log((probabilities * truth).sum(-1), where=known, out=np.zeros(known.shape))
    np.testing.assert_allclose(losses, want, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(tape.gradient(losses, x), probabilities - truth, rtol=1e-10, atol=1e-12)


def test_class_weights_of_what_is_no_class_are_zero():
    weighed = loss_terms.class_weights(tf.constant([[[1, 0, 2, 255, -1]]]), tf.constant([0.5, 2.0]))
    np.testing.assert_array_equal(weighed, [[[2, 0.5, 0, 0, 0]]])


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_factors(gamma):
    labels, logits = batch()
    known = labels < 4
    probabilities = softmax(logits)[known, labels[known]]
    got = loss_terms.focal_factors(tf.constant(-np.log(probabilities)), gamma)
    np.testing.assert_allclose(got, np.maximum(1 - probabilities, 1e-7) ** gamma, rtol=1e-9)


def test_focal_factors_of_sure_pixels_have_a_gradient():
    losses = tf.constant([0.0, 1e-9, 100.0])
    with tf.GradientTape() as tape:
        tape.watch(losses)
        total = tf.reduce_sum(losses * loss_terms.focal_factors(losses, 0.5))
    assert np.all(np.isfinite(tape.gradient(total, losses)))


def near_by_definition(labels, valid, width):
    near = np.zeros(labels.shape, bool)
    for image, row, column in np.ndindex(labels.shape):
        rows = slice(max(row - width, 0), row + width + 1)
        columns = slice(max(column - width, 0), column + width + 1)
        others = labels[image, rows, columns][valid[image, rows, columns]]
        near[image, row, column] = np.any(others != labels[image, row, column])
    return near


@hypothesis.given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 9), st.integers(1, 9))
@hypothesis.settings(max_examples=25, deadline=None)
def test_near_border(seed, width, rows, columns):
    rng = np.random.default_rng(seed)
    labels = rng.choice([0, 0, 0, 0, 0, 0, 3, 7, 255], (2, rows, columns)).astype(np.int32)
    valid = labels != 255
    got = loss_terms.near_border(tf.constant(labels), tf.constant(valid), width).numpy()
    np.testing.assert_array_equal(got[valid], near_by_definition(labels, valid, width)[valid])


def test_ignored_pixels_make_no_border():
    labels = tf.constant([[[0, 0, 255, 0, 0]]])
    assert not np.any(loss_terms.near_border(labels, labels != 255, 2)[labels != 255])


def test_dice_loss():
    labels, logits = batch(classes=5)
    # The last class does not occur.
    labels[labels == 4] = 0
    valid = labels != 255
    each = []
    for index in range(4):
        p, t = softmax(logits)[..., index][valid], (labels == index)[valid]
        each.append(1 - 2 * (p * t).sum() / (p.sum() + t.sum()))
    got = loss_terms.dice_loss(tf.constant(labels), tf.constant(logits), tf.constant(valid))
    np.testing.assert_allclose(got, np.mean(each), rtol=1e-12)
    nothing = tf.fill(labels.shape, 255)
    assert loss_terms.dice_loss(nothing, tf.constant(logits), nothing != 255) == 0


@pytest.mark.parametrize("share", [0.0, 0.25, 0.6, 1.0])
def test_hardest(share):
    losses = np.random.default_rng(0).permutation([*np.linspace(0.5, 9, 11), 0, 0, 0, 0]).reshape(1, 3, 5)
    taken = np.sort(losses.ravel())[::-1][: int(np.float32(share) * np.float32(15))]
    total, number = loss_terms.hardest(tf.constant(losses), tf.constant(share, tf.float32))
    np.testing.assert_allclose([total, number], [taken.sum(), np.count_nonzero(taken)], rtol=1e-12)
