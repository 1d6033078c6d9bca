"""The loss against its definition in NumPy, and against golden values of the official graph."""

import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2 import SegmentationLoss

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "training"


def by_definition(labels, logits, ignore_label=255, weights=None):
    total, count = 0.0, 0
    for label, scores in zip(labels.ravel(), logits.reshape(-1, logits.shape[-1]).astype(np.float64), strict=True):
        if label != ignore_label:
            shifted = scores - scores.max()
            loss = np.log(np.exp(shifted).sum()) - shifted[label]
            total += loss * (1.0 if weights is None else weights[label])
            count += 1
    return total / max(count, 1)


@pytest.mark.parametrize("weights", [None, (1.0, 10.0, 5.0)])
@pytest.mark.parametrize("ignore_label", [255, 0, 2])
def test_equals_its_definition(weights, ignore_label):
    rng = np.random.default_rng(0)
    labels = rng.choice([0, 1, 2, ignore_label], (2, 7, 5)).astype(np.int32)
    logits = rng.normal(0, 5, (2, 7, 5, 3)).astype(np.float32)
    loss = SegmentationLoss(ignore_label, weights)
    np.testing.assert_allclose(loss(labels, logits), by_definition(labels, logits, ignore_label, weights), rtol=1e-5)


def test_an_ignored_batch_gives_zero_and_no_gradient():
    logits = tf.ones([1, 3, 3, 4])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = SegmentationLoss()(tf.fill([1, 3, 3], 255), logits)
    assert float(loss) == 0 and not np.any(tape.gradient(loss, logits))


def test_configuration_rebuilds_the_loss():
    loss = keras.losses.deserialize(keras.losses.serialize(SegmentationLoss(11, (1, 2))))
    assert loss.ignore_label == 11 and tuple(loss.label_weights) == (1.0, 2.0)


def test_loss_and_gradient_of_the_official_graph():
    """Cases with one scale, full-size logits and no hard example mining, from the stored logits."""
    folder = GOLDEN
    cases = json.loads((folder / "losses.json").read_text())["cases"]
    arrays = np.load(folder / "losses.npz")
    checked = 0
    for case in cases:
        flags = case["flags"]
        plain = flags.get("top_k_percent_pixels", 1.0) == 1.0 and flags.get("upsample_logits", True)
        if list(case["losses"]) != ["merged_logits"] or not plain or case["label"] == "label_out_of_range":
            continue
        labels = np.load(folder / f"{case['inputs']}.npz")[case["label"]].astype(np.int32)
        logits = tf.constant(arrays[f"{case['name']}/logits/merged_logits"])
        with tf.GradientTape() as tape:
            tape.watch(logits)
            full = tf.raw_ops.ResizeBilinear(images=logits, size=labels.shape[1:3], align_corners=True)
            loss = SegmentationLoss(255, flags.get("label_weights"))(labels, full)
        np.testing.assert_allclose(loss, case["losses"]["merged_logits"], rtol=5e-6)
        want = arrays[f"{case['name']}/grad_logits/merged_logits"]
        np.testing.assert_allclose(tape.gradient(loss, logits), want, atol=2e-5 * np.abs(want).max())
        checked += 1
    assert checked >= 3
