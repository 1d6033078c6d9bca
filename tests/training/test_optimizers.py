"""Updates against NumPy, and which variables have which factors."""

import keras
import numpy as np
import pytest

from deeplab_tf2 import DeepLab
from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.config import ModelConfig, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.training.optimizers import Adam, AdamW, Momentum, gradient_factors, make_optimizer

SMALL = ModelConfig(num_classes=3, depth_multiplier=0.1, aspp_convs_filters=8, decoder_filters=8)
ADAM = {"optimizer": "adam", "adam_learning_rate": 0.01}


@pytest.fixture(scope="module")
def model():
    return DeepLab(SMALL)


def run_config(model=SMALL, run=None, **optimizer):
    return RunConfig(model, optimizer=OptimizerConfig(**optimizer), run=RunOptions(**(run or {})))


def moved(optimizer, gradients, start=(1.0, -2.0)):
    """Two variables of one value each, after steps along gradients [steps, 2]."""
    variables = [keras.Variable([value], name=name) for value, name in zip(start, ("one", "two"), strict=True)]
    optimizer.build(variables)
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor([value]) for value in step], variables)
    return [float(variable.value[0]) for variable in variables]


class Halving(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.1 * 0.5 ** keras.ops.cast(step, "float32")


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_momentum_keeps_gradients_not_their_rates(momentum):
    gradients = np.array([[1.0, 0.5], [2.0, -1.0], [-3.0, 0.25]])
    optimizer = Momentum(Halving(), momentum=momentum, gradient_factors={"two": 2.0}, rate_factors={"one": 10.0})
    values, accumulators = np.array([1.0, -2.0]), np.zeros(2)
    for step, gradient in enumerate(gradients * [1, 2]):
        accumulators = momentum * accumulators + gradient
        values = values - 0.1 * 0.5**step * np.array([10, 1]) * accumulators
    np.testing.assert_allclose(moved(optimizer, gradients), values, rtol=1e-6)


def test_adam_adds_epsilon_after_the_bias_correction():
    gradients = np.array([[1e-3, 0.5], [2e-3, -1.0]])
    values, first, second = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    for step, gradient in enumerate(gradients, start=1):
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        rate = 0.1 * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        values = values - rate * first / (np.sqrt(second) + 1e-3)
    np.testing.assert_allclose(moved(Adam(0.1, epsilon=1e-3), gradients), values, rtol=1e-5)


def test_clipping_sees_the_multiplied_gradients():
    optimizer = Momentum(1.0, momentum=0.0, global_clipnorm=1.0, gradient_factors={"two": 2.0})
    np.testing.assert_allclose(moved(optimizer, [[3.0, 2.0]], (0.0, 0.0)), [-0.6, -0.8], rtol=1e-6)
    np.testing.assert_allclose(moved(Momentum(1.0, momentum=0.0, global_clipnorm=9.0), [[3.0, 2.0]]), [-2, -4])


def test_factors_on_gradients(model):
    def by_name(run=None, **settings):
        factors = gradient_factors(run_config(SMALL, run, **settings), model)
        return {official_name(path, "mobilenet_v2"): factor for path, factor in factors.items()}

    assert by_name() == {"logits/semantic/biases": 2.0}
    only = by_name({"last_layers_contain_logits_only": True}, last_layer_gradient_multiplier=10.0)
    assert only == {"logits/semantic/biases": 20.0, "logits/semantic/weights": 10.0}
    every = by_name(last_layer_gradient_multiplier=10.0)
    assert every.items() > only.items() and set(every.values()) == {10.0, 20.0}
    assert {name.partition("/")[0] for name in every} == {
        *("image_pooling", "aspp0", "concat_projection", "decoder", "logits"),
        *(f"aspp{i}_{half}" for i in (1, 2, 3) for half in ("depthwise", "pointwise")),
    }


def test_the_head_starts_at_its_own_rate(model):
    asked = run_config(base_learning_rate=0.01, head_learning_rate=0.05)
    factors = make_optimizer(asked, model).rate_factors
    head = {variable.path for variable in model.trainable_variables} - {
        variable.path for variable in model.backbone.trainable_variables
    }
    assert factors == pytest.approx(dict.fromkeys(head, 5.0)) and len(head) > 10
    assert make_optimizer(run_config(head_learning_rate=0.05, **ADAM), model).rate_factors == pytest.approx(
        dict.fromkeys(head, 5.0)
    )


def test_adamw_takes_the_decay_over():
    network = DeepLab(SMALL.replace(weight_decay=0.5))
    decayed = [weight for weight in network.trainable_variables if weight.regularizer is not None]
    assert network.losses and decayed
    asked = run_config(network.config, optimizer="adamw", adam_learning_rate=0.1, learning_policy="cosine")
    optimizer = make_optimizer(asked, network)
    assert type(optimizer) is AdamW and not network.losses
    variables = [decayed[0], network.logits.convs[0].bias]
    variables[1].assign([1.0, 2.0, 3.0])
    before = [variable.numpy() for variable in variables]
    optimizer.build(variables)
    optimizer.apply([keras.ops.zeros(variable.shape) for variable in variables], variables)
    np.testing.assert_allclose(variables[0].numpy(), before[0] * (1 - 0.1 * 0.5), rtol=1e-6)
    np.testing.assert_array_equal(variables[1].numpy(), before[1])


def test_the_decay_follows_the_rate_of_each_variable():
    optimizer = AdamW(0.1, weight_decay=0.5, rate_factors={"two": 10.0})
    np.testing.assert_allclose(moved(optimizer, [[0.0, 0.0]] * 2), [0.95**2, -2 * 0.5**2], rtol=1e-6)


def test_average_of_the_weights(model):
    assert not make_optimizer(run_config(), model).use_ema
    optimizer = make_optimizer(run_config(ema_decay=0.75, **ADAM), model)
    assert optimizer.use_ema and optimizer.ema_momentum == 0.75 and optimizer.ema_overwrite_frequency is None


@pytest.mark.parametrize(("kind", "settings"), [(Momentum, {}), (Adam, ADAM)])
def test_configuration_rebuilds_the_optimizer(kind, settings, model):
    optimizer = make_optimizer(run_config(clip_gradient_norm=2.0, head_learning_rate=0.5, **settings), model)
    again = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert type(again) is kind and again.global_clipnorm == 2.0
    assert again.gradient_factors == optimizer.gradient_factors and again.rate_factors == optimizer.rate_factors
    assert set(optimizer.gradient_factors.values()) == {2.0}
