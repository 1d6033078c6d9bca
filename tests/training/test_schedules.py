"""Learning rates at steps where they can be computed by hand, and at those of the official graph."""

import json
import pathlib

import keras
import numpy as np
import pytest

from deeplab_tf2 import WarmupPoly
from deeplab_tf2.config import OptimizerConfig
from deeplab_tf2.training.schedules import WarmupBoundaries, WarmupCosine, WarmupStep, learning_rate, starting_rate

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "training"
CASES = json.loads((GOLDEN / "schedules.json").read_text())["schedules"]


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


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (WarmupStep(0.1, 0.5, 10), {0: 0.1, 9: 0.1, 10: 0.05, 25: 0.025}),
        (WarmupCosine(0.1, 20), {0: 0.1, 5: 0.1 * (0.5 + 8**-0.5), 10: 0.05, 20: 0.0, 30: 0.0}),
        (WarmupBoundaries((5, 7), (0.3, 0.2, 0.1)), {0: 0.3, 5: 0.3, 6: 0.2, 7: 0.2, 8: 0.1}),
        (
            WarmupStep(0.1, 0.5, 10, slow_start_step=4, slow_start_learning_rate=0.02, burned_in=0.1),
            {0: 0.02, 2: 0.06, 4: 0.1, 14: 0.05},
        ),
    ],
)
def test_by_hand_and_again_from_its_configuration(schedule, rates):
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert type(again) is type(schedule)
    for made in (schedule, again):
        np.testing.assert_allclose([made(step) for step in rates], list(rates.values()), rtol=1e-6, atol=1e-9)


@pytest.fixture
def float64():
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rates_of_the_official_graph(case):
    schedule, bound = learning_rate(OptimizerConfig(**case["args"])), 1e-6 * case["args"]["base_learning_rate"]
    got = [float(schedule(step)) for step in case["steps"]]
    np.testing.assert_allclose(got, case["learning_rate_float64"], rtol=2e-5, atol=bound)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rates_of_the_official_graph_in_float64(case):
    schedule = learning_rate(OptimizerConfig(**case["args"]))
    got = [float(schedule(step)) for step in case["steps"]]
    np.testing.assert_allclose(got, case["learning_rate_float64"], rtol=1e-7, atol=1e-14)


def test_the_optimizer_chooses_where_to_start():
    assert isinstance(learning_rate(OptimizerConfig()), WarmupPoly)
    assert learning_rate(OptimizerConfig(optimizer="adam", adam_learning_rate=0.02, slow_start_step=5)) == 0.02
    decoupled = OptimizerConfig(optimizer="adamw", adam_learning_rate=0.02, learning_policy="cosine")
    np.testing.assert_allclose(learning_rate(decoupled)(0), 0.02, rtol=1e-6)
    assert starting_rate(OptimizerConfig(base_learning_rate=0.3)) == 0.3 and starting_rate(decoupled) == 0.02
    several = {"learning_policy": "multi_steps", "boundaries": (3,), "boundary_learning_rates": (0.2, 0.1)}
    assert starting_rate(OptimizerConfig(**several)) == 0.2
