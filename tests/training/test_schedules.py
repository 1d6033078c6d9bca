"""Learning rates at steps where they can be computed by hand, and at those of the official graph."""

import json
import pathlib

import keras
import numpy as np
import pytest

from deeplab_tf2 import WarmupPoly
from deeplab_tf2.config import OptimizerConfig
from deeplab_tf2.training.schedules import WarmupStep, learning_rate

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "training"


def test_poly_by_hand():
    schedule = WarmupPoly(0.007, steps=30_000)
    np.testing.assert_allclose(schedule(0), 0.007, rtol=1e-6)
    np.testing.assert_allclose(schedule(15_000), 0.007 * 0.5**0.9, rtol=1e-6)
    assert schedule(30_000) == 0 and schedule(40_000) == 0
    ends = WarmupPoly(1.0, steps=100, power=1.0, end_learning_rate=0.1, decay_steps=50)
    np.testing.assert_allclose([ends(0), ends(25), ends(50), ends(90)], [1.0, 0.55, 0.1, 0.1], rtol=1e-6)


def test_slow_start_shifts_the_policy():
    schedule = WarmupPoly(0.01, steps=110, power=1.0, slow_start_step=10, slow_start_learning_rate=1e-4)
    np.testing.assert_allclose([schedule(s) for s in (0, 9, 10, 60, 110)], [1e-4, 1e-4, 0.01, 0.005, 0], atol=1e-9)


def test_step_policy():
    schedule = WarmupStep(0.1, 0.5, 10)
    np.testing.assert_allclose([schedule(s) for s in (0, 9, 10, 25)], [0.1, 0.1, 0.05, 0.025], rtol=1e-6)


def test_configuration_rebuilds_the_schedule():
    schedule = WarmupPoly(0.01, steps=50, slow_start_step=5)
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert type(again) is WarmupPoly and again(20) == schedule(20)


NAMES = {
    "learning_rate_decay_step",
    "learning_rate_decay_factor",
    "training_number_of_steps",
    "learning_power",
}
NAMES |= {"learning_policy", "base_learning_rate", "slow_start_step", "slow_start_learning_rate"}
NAMES |= {"decay_steps", "end_learning_rate"}


def test_rates_of_the_official_graph():
    facts = json.loads((GOLDEN / "schedules.json").read_text())["schedules"]
    checked = 0
    for case in facts:
        args = case["args"]
        if args["learning_policy"] not in ("poly", "step") or not set(args) <= NAMES:
            continue
        schedule = learning_rate(OptimizerConfig(**args))
        got = [float(schedule(step)) for step in case["steps"]]
        bound = 1e-6 * args["base_learning_rate"]
        np.testing.assert_allclose(got, case["learning_rate_float64"], rtol=2e-5, atol=bound, err_msg=case["name"])
        checked += 1
    assert checked >= 3


def test_configuration_chooses_the_policy():
    assert isinstance(learning_rate(OptimizerConfig()), WarmupPoly)
    step = learning_rate(OptimizerConfig(learning_policy="step", learning_rate_decay_step=7))
    assert isinstance(step, WarmupStep) and step.decay_step == 7
    with pytest.raises(ValueError, match="poly or step"):
        OptimizerConfig(learning_policy="linear")
