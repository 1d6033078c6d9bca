"""The loss against its definition in NumPy, and against golden values of the official graph."""

import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2 import SegmentationLoss
from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "training"
CASES = json.loads((GOLDEN / "losses.json").read_text())["cases"]


def by_definition(labels, logits, ignore_label=255, weights=None):
    """The sum of the losses of the valid pixels, and their number."""
    total, count = 0.0, 0
    for label, scores in zip(labels.ravel(), logits.reshape(-1, logits.shape[-1]).astype(np.float64), strict=True):
        if label != ignore_label:
            shifted = scores - scores.max()
            loss = np.log(np.exp(shifted).sum()) - shifted[label]
            total += loss * (1.0 if weights is None else weights[label])
            count += 1
    return total, count


def batch(ignore_label=255, size=(2, 7, 5)):
    rng = np.random.default_rng(0)
    return rng.choice([0, 1, 2, ignore_label], size).astype(np.int32), rng.normal(0, 5, (*size, 3)).astype(np.float32)


@pytest.mark.parametrize("weights", [None, (1.0, 10.0, 5.0)])
@pytest.mark.parametrize("ignore_label", [255, 0, 2])
def test_equals_its_definition(weights, ignore_label):
    labels, logits = batch(ignore_label)
    loss, (total, count) = SegmentationLoss(ignore_label, weights), by_definition(labels, logits, ignore_label, weights)
    np.testing.assert_allclose(loss.sums(labels, logits), [total, count], rtol=1e-5)
    np.testing.assert_allclose(loss(labels, logits), total / count, rtol=1e-5)


def test_parts_of_a_batch_add_up():
    labels, logits = batch(size=(4, 7, 5))
    labels[3] = 255
    loss = SegmentationLoss()
    parts = [loss.sums(labels[index : index + 1], logits[index : index + 1]) for index in range(4)]
    np.testing.assert_allclose(np.sum(parts, axis=0), loss.sums(labels, logits), rtol=1e-5)


def test_an_ignored_batch_gives_zero_and_no_gradient():
    every = {"focal_gamma": 0.5, "dice_loss_weight": 1.0, "boundary_loss_weight": 1.0}
    logits = tf.ones([1, 3, 3, 4])
    for settings in ({}, every, {"top_k_percent_pixels": 0.5}):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = SegmentationLoss(**settings)(tf.fill([1, 3, 3], 255), logits)
        assert float(loss) == 0 and not np.any(tape.gradient(loss, logits))


def test_additions_act_on_single_pixels():
    """Two images: one with a border between its columns, one of one class."""
    labels = np.array([[[0, 0, 1, 1, 1]], [[2, 2, 2, 2, 255]]], np.int32)
    logits = batch(size=(2, 1, 5))[1]
    shifted = np.exp(logits.astype(np.float64))
    probability = np.take_along_axis(shifted / shifted.sum(-1, keepdims=True), (labels % 255)[..., None], -1)[..., 0]
    losses = -np.log(probability) * (labels != 255)
    near = np.array([[[0, 1, 1, 0, 0]], [[0, 0, 0, 0, 0]]])
    settings = {"focal_gamma": 2.0, "boundary_loss_weight": 3.0, "label_weights": (1.0, 2.0, 0.5)}
    factors = ((1 - probability) ** 2, 1 + 3 * near, np.array([1.0, 2.0, 0.5])[labels % 255])
    for (name, value), factor in zip(settings.items(), factors, strict=True):
        total, count = SegmentationLoss(boundary_width=1, **{name: value}).sums(labels, logits)
        np.testing.assert_allclose([total, count], [(losses * factor).sum(), 9], rtol=1e-5, err_msg=name)
    hardest = np.sort((losses * np.prod(factors, axis=0)).ravel())[-3:]
    total, count = SegmentationLoss(boundary_width=1, top_k_percent_pixels=0.35, **settings).sums(labels, logits)
    np.testing.assert_allclose([total, count], [hardest.mean(), 1], rtol=1e-5)


def test_dice_is_added_as_a_mean():
    labels, logits = batch()
    plain, plain_count = SegmentationLoss().sums(labels, logits)
    total, count = SegmentationLoss(dice_loss_weight=2.0).sums(labels, logits)
    perfect = np.eye(3)[labels % 255 % 3] * 100
    assert count == plain_count and 0.2 < (total - plain) / count < 2
    assert float(SegmentationLoss(dice_loss_weight=2.0)(labels, perfect)) < 1e-5


def test_share_of_hard_pixels_comes_down():
    labels, logits = batch(size=(1, 10, 10))
    loss = SegmentationLoss(top_k_percent_pixels=0.2, hard_example_mining_step=100)
    means = [float(loss.sums(labels, logits, step)[0]) for step in (0, 50, 100, 1000, None)]
    assert means[0] < means[1] < means[2] == means[3] == means[4]
    np.testing.assert_allclose(means[0], SegmentationLoss()(labels, logits), rtol=1e-5)


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 label_weights for 3 classes"):
        SegmentationLoss(label_weights=(1.0, 2.0))(*batch())


def test_configuration_rebuilds_the_loss():
    settings = {"top_k_percent_pixels": 0.5, "hard_example_mining_step": 7, "focal_gamma": 2.0}
    settings |= {"dice_loss_weight": 0.5, "boundary_loss_weight": 0.3, "boundary_width": 2}
    loss = keras.losses.deserialize(keras.losses.serialize(SegmentationLoss(11, (1, 2), **settings)))
    assert loss.ignore_label == 11 and tuple(loss.label_weights) == (1.0, 2.0)
    assert {name: getattr(loss, name) for name in settings} == settings


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_loss_and_gradient_of_the_official_graph(case, dtype):
    flags, arrays = case["flags"], np.load(GOLDEN / "losses.npz")
    labels = np.load(GOLDEN / f"{case['inputs']}.npz")[case["label"]].astype(np.int32)
    names = ("label_weights", "top_k_percent_pixels", "hard_example_mining_step")
    loss = SegmentationLoss(**{name: flags[name] for name in names if name in flags})
    logits = {key: tf.constant(arrays[f"{case['name']}/logits/{key}"], dtype) for key in case["losses"]}
    scales = [key for key in logits if key != "merged_logits"]
    with tf.GradientTape() as tape:
        tape.watch(logits)
        found = dict(logits)
        if scales:
            merge = tf.reduce_mean if flags.get("merge_method") == "avg" else tf.reduce_max
            found["merged_logits"] = merge(tf.stack([logits[key] for key in scales]), axis=0)
        losses = {}
        for key, values in found.items():
            paired = (labels, resize_bilinear(values, labels.shape[1:3]))
            if not flags.get("upsample_logits", True):
                paired = resize_nearest(labels, values.shape[1:3]), values
            total, count = loss.sums(*paired, case["global_step"])
            losses[key] = total / tf.maximum(count, 1)
        objective = sum(losses.values())
    gradients = tape.gradient(objective, found)
    for key, want in case["losses"].items():
        np.testing.assert_allclose(losses[key], want, rtol=2e-6, err_msg=key)
        want = arrays[f"{case['name']}/grad_logits/{key}"]
        np.testing.assert_allclose(gradients[key], want, rtol=0, atol=1e-5 * np.abs(want).max(), err_msg=key)
