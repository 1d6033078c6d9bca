"""Training steps: the same however they are computed, and those of the objective by definition."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import LossConfig, MachineConfig, ModelConfig, OptimizerConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.layers.resize import resize_bilinear, resize_nearest
from deeplab_tf2.training import start

DATA = Descriptor("toy", ("a", "b", "c"), ((0, 0, 0),) * 3)
SMALL = {"num_classes": 3, "depth_multiplier": 0.1, "aspp_convs_filters": 8, "decoder_filters": 8}


def batch(size=4):
    """Images [size, 33, 33, 3] and labels, each with its own share of ignored pixels."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (size, 33, 33)).astype(np.int32)
    for index, label in enumerate(labels):
        label[: 8 * index] = 255
    return rng.integers(0, 256, (size, 33, 33, 3)).astype(np.float32), labels


def learner(model=None, loss=None, machine=None):
    keras.utils.set_random_seed(1)
    config = RunConfig(
        # Frozen statistics: random weights multiply every rounding by hundreds.
        ModelConfig(**SMALL, **{"fine_tune_batch_norm": False, **(model or {})}),
        loss=LossConfig(**(loss or {})),
        optimizer=OptimizerConfig(training_number_of_steps=3, base_learning_rate=1.0),
        machine=MachineConfig(**(machine or {})),
    )
    network = start.compiled(config, DATA)
    network.aspp.dropout.rate = 0.0
    return network


class Noting(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.all = []

    def on_train_batch_end(self, batch, logs=None):
        self.all.append(dict(logs))


def trained(network, steps=3):
    """The logs of steps on one batch."""
    notes = Noting()
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    network.fit(data, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[notes])
    return notes.all


def assert_equal_weights(network, other):
    for one, two in zip(network.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def plain():
    network = learner()
    return network, trained(network)


@pytest.mark.parametrize("machine", [{"gradient_accumulation_steps": 2}, {"steps_per_execution": 2}])
def test_the_steps_are_the_same_in_parts_and_several_at_a_time(plain, machine):
    network = learner(machine=machine)
    logs = trained(network)
    assert_equal_weights(network, plain[0])
    np.testing.assert_allclose(logs[-1]["loss"], plain[1][-1]["loss"], rtol=1e-5)
    assert len(logs) == 3 - machine.get("steps_per_execution", 1) + 1
    if "steps_per_execution" in machine:
        assert all(np.array_equal(*pair) for pair in zip(network.get_weights(), plain[0].get_weights(), strict=True))


def definition(network, images, labels):
    """The official objective, piece by piece."""
    features = network.endpoints(tf.constant(images), training=True)
    total = tf.add_n(network.losses)
    for name in [name for name in features if name.startswith("logits")]:
        logits, truth = features[name], labels
        if network.upsample_logits:
            logits = resize_bilinear(logits, labels.shape[1:3])
        else:
            truth = np.asarray(resize_nearest(labels, tuple(logits.shape[1:3])))
        total += network.loss(truth, logits)
    return total


def test_loss_and_gradient_norm_are_those_of_the_objective(plain):
    network = learner()
    with tf.GradientTape() as tape:
        loss = definition(network, *batch())
    norm = tf.linalg.global_norm(tape.gradient(loss, [weight.value for weight in network.trainable_weights]))
    np.testing.assert_allclose(plain[1][0]["loss"], loss, rtol=1e-5)
    np.testing.assert_allclose(plain[1][0]["gradient_norm"], norm, rtol=1e-4)


def test_every_input_scale_has_a_loss_on_labels_of_its_size():
    network = learner({"image_pyramid": (0.5, 1.0)}, {"upsample_logits": False})
    wanted = definition(network, *batch())
    np.testing.assert_allclose(trained(network, 1)[0]["loss"], wanted, rtol=1e-5)


def test_waiting_for_batches_is_timed(plain):
    assert 0 < plain[0].input_seconds < 60


def test_a_frozen_backbone_stays(plain):
    network = plain[0]
    assert network.backbone.trainable
    config = RunConfig(ModelConfig(**SMALL), optimizer=OptimizerConfig(freeze_backbone=True))
    frozen = start.compiled(config, DATA)
    before = frozen.backbone.get_weights()
    trained(frozen, 1)
    assert all(np.array_equal(*pair) for pair in zip(before, frozen.backbone.get_weights(), strict=True))
