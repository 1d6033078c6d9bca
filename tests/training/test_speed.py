"""Ways to compute a step faster: what they refuse, what they leave as it was, and what they round."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as framework

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError, MachineConfig, ModelConfig, OptimizerConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.loading import load_run
from deeplab_tf2.training import speed, start
from deeplab_tf2.training.learner import Learner

DATA = Descriptor("toy", ("a", "b", "c"), ((0, 0, 0),) * 3)
SMALL = {"num_classes": 3, "aspp_convs_filters": 8, "decoder_filters": 8, "atrous_rates": (6,)}
STEPS = 2


def learner(machine, **model):
    keras.utils.set_random_seed(1)
    config = RunConfig(
        ModelConfig(**{**SMALL, **model}),
        optimizer=OptimizerConfig(training_number_of_steps=STEPS, base_learning_rate=0.01),
        machine=MachineConfig(**machine),
    )
    return start.compiled(config, DATA)


def batch():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, (2, 33, 33)).astype(np.int32)
    labels[0, :9] = 255
    return tf.constant(rng.integers(0, 256, (2, 33, 33, 3)), tf.float32), tf.constant(labels)


FAMILIES = {
    "mobilenet_v3_small_seg": {
        "depth_multiplier": 0.1, "decoder_output_stride": (), "aspp_with_concat_projection": False, "atrous_rates": (),
        "aspp_with_squeeze_and_excitation": True, "image_se_uses_qsigmoid": True,
    },
    "resnet_v1_18_beta": {"depth_multiplier": 0.1},
    "mobilenet_v2": {"depth_multiplier": 0.1},
    "mobilenet_edgetpu": {"depth_multiplier": 0.1, "decoder_output_stride": ()},
    "xception_41": {"depth_multiplier": 0.1},
    "nas_pnasnet": {"decoder_output_stride": (), "drop_path_keep_prob": 0.9},
    "nas_hnasnet": {"decoder_output_stride": ()},
}  # fmt: skip
# All take minutes.
TRIED = list(FAMILIES)[: None if os.environ.get("DEEPLAB_TF2_FAMILIES") else 1]


def losses(network):
    """Those of some steps, one operation after the other: making graphs would take most of the time."""
    return [float(network.train_step(batch())["loss"]) for _ in range(STEPS)]


@pytest.mark.parametrize("variant", TRIED)
def test_half_precision_trains_every_family_with_weights_in_float32(variant):
    settings = {"model_variant": variant, "weight_decay": 0.0, **FAMILIES[variant]}
    whole = losses(learner({}, **settings))
    for precision, tolerance in (("mixed_bfloat16", 0.01), ("mixed_float16", 0.002)):
        network = learner({"precision": precision}, **settings)
        before = network.get_weights()
        np.testing.assert_allclose(losses(network), whole, rtol=tolerance)
        assert network.compute_dtype == precision.removeprefix("mixed_")
        assert network.aspp.branches[0].conv.compute_dtype == network.compute_dtype
        assert {weight.dtype for weight in network.weights} <= {"float32", "uint32"}
        assert network(batch()[0]).dtype == tf.float32
        assert any(not np.array_equal(*pair) for pair in zip(before, network.get_weights(), strict=True))


@pytest.fixture(scope="module")
def half():
    """A network in float16, and what two steps made of it; the gradients of the second one are too large for it."""
    network = learner({"precision": "mixed_float16"}, **FAMILIES["mobilenet_v3_small_seg"], model_variant=TRIED[0])
    network.train_step(batch())
    before = network.trainable_variables[0].numpy()
    network.optimizer.dynamic_scale.assign(1e38)
    network.train_step(batch())
    return network, before


def test_a_step_that_overflows_is_left_out_but_counted(half):
    network, before = half
    np.testing.assert_array_equal(network.trainable_variables[0], before)
    assert int(network.optimizer.iterations) == 2 and float(network.optimizer.dynamic_scale) == np.float32(0.5e38)


def test_a_network_in_half_precision_is_continued_and_answers_in_whole_precision(half, tmp_path):
    network, _ = half
    path = files.save(network, str(tmp_path), 2)
    again = learner({"precision": "mixed_float16"}, **network.config.to_dict())
    files.load(again, path, "the checkpoint")
    for one, other in zip(network.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, other)
    RunConfig(network.config, machine=MachineConfig("mixed_float16")).save(str(tmp_path))
    DATA.save(str(tmp_path))
    run = load_run(str(tmp_path))
    assert run.model.compute_dtype == "float32"
    image = batch()[0]
    np.testing.assert_allclose(run.model(image), network(image), atol=0.02)
    assert not np.array_equal(run.model(image), network(image))


class Adding(Learner):
    """Its steps are small: those of a network take XLA a minute to compile. One with strings it cannot compile."""

    strings = False

    def train_step(self, data):
        loss = tf.reduce_sum(data[0])
        if self.strings:
            loss = tf.strings.to_number(tf.strings.as_string(loss))
        self.optimizer.iterations.assign_add(1)
        return {"loss": loss, "gradient_norm": loss}


def test_xla_compiles_the_steps_and_not_what_draws_batches():
    network = Adding(ModelConfig(**{**SMALL, **FAMILIES[TRIED[0]], "model_variant": TRIED[0]}))
    batches = tf.data.Dataset.from_tensors((tf.constant([1.0, 2.0]), tf.constant([0]))).repeat()

    def loss(xla, steps=1):
        network.compile(keras.optimizers.SGD(), jit_compile=xla, steps_per_execution=steps)
        network.total_steps = STEPS
        return network.fit(batches, steps_per_epoch=STEPS, verbose=0, shuffle=False).history["loss"][0]

    assert loss(False) == loss(True) == loss(True, steps=2) == 3
    network.strings = True
    assert loss(False) == 3
    with pytest.raises(tf.errors.InvalidArgumentError, match="XLA"):
        loss(True)


def test_xla_is_refused_where_devices_share_a_step():
    speed.prepare(MachineConfig(jit_compile=True))
    with pytest.raises(InputError, match="--jit_compile with 2 devices"):
        speed.prepare(MachineConfig(jit_compile=True), 2)


def test_deterministic_operations_are_switched_on():
    speed.prepare(MachineConfig())
    assert not framework.is_op_determinism_enabled()
    try:
        speed.prepare(MachineConfig(deterministic=True))
        assert framework.is_op_determinism_enabled()
    finally:
        framework.disable_op_determinism()
