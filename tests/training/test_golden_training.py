"""Losses, gradients and optimizer steps of the official training graph, in float64 and in float32."""

import re

import numpy as np
import pytest
from golden_learner import FOLDER, Gradients, Networks, batch, facts_of, named, precision, settings

from deeplab_tf2.training.optimizers import gradient_factors

LOSSES = facts_of("losses")["cases"]
GRADIENTS = sorted(path.stem for path in FOLDER.glob("grad_*.json"))
STEPS = sorted(path.stem for kind in ("momentum", "adam") for path in FOLDER.glob(f"{kind}_*.json"))
MODELS = sorted(path.stem for path in FOLDER.glob("model_*.json"))
# Rounding of the input by 1e-14 that comes to more than this says nothing about a step.
CHAOS = 1e-6


@pytest.fixture(scope="module")
def networks():
    return Networks()


@pytest.fixture
def float64():
    with precision("float64"):
        yield


def taken(network, case):
    """The total loss of a step on a case's batch, before it moved the weights."""
    return float(network.train_step(batch(case))["loss"])


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("case", LOSSES, ids=lambda case: case["name"])
def test_losses(case, networks):
    network = networks.learner(case)
    network.compile(Gradients(), loss=network.loss)
    network.optimizer.iterations.assign(case["global_step"])
    bound = 1e-4 if settings(case).model.fine_tune_batch_norm else 1e-5
    np.testing.assert_allclose(taken(network, case), case["total_loss"], rtol=bound)
    np.testing.assert_allclose(sum(network.losses), case["regularisation_loss"], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [(name, "float64") for name in GRADIENTS] + [(name, "float32") for name in GRADIENTS if "xception" not in name],
)
def test_gradients(name, dtype, networks):
    with precision(dtype):
        compare_gradients(name, networks, dtype)


def compare_gradients(name, networks, dtype):
    case, arrays = facts_of(name), np.load(FOLDER / f"{name}.npz")
    network, exact = networks.learner(case, dtype), dtype == "float64"
    trains_statistics = settings(case).model.fine_tune_batch_norm
    network.compile(Gradients(), loss=network.loss)
    np.testing.assert_allclose(
        taken(network, case), case["total_loss_float64"], rtol=1e-7 if exact else 1e-4 if trains_statistics else 1e-5
    )
    by_path = dict(zip((v.path for v in network.trainable_variables), network.optimizer.kept, strict=True))
    found = {official: by_path[v.path] for official, v in named(network).items() if v.path in by_path}
    assert found.keys() == case["gradients"].keys()
    whole = case["global_norm_float64"]
    for official, (_, _, _, want, _) in case["gradients"].items():
        norm = np.linalg.norm(found[official])
        bound = 1e-6 if exact else 0.05 if trains_statistics else 0.02
        if want > 1e-3 * whole:
            np.testing.assert_allclose(norm, want, rtol=bound, err_msg=official)
        else:
            assert abs(norm - want) < (1e-9 if exact else 1e-4) * whole, official
    for official in (key.removeprefix("float64/") for key in arrays.files if key.startswith("float64/")):
        want = arrays[f"float64/{official}"]
        loose = 1e-3 if official.startswith("logits/") else 0.4 if trains_statistics else 0.15
        scale = np.sqrt(np.mean(np.square(want)))
        assert np.abs(found[official] - want).max() <= (1e-5 if exact else loose) * scale, official


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", STEPS)
def test_steps(name, networks):
    case, arrays = facts_of(name), np.load(FOLDER / f"{name}.npz")
    network = networks.learner(case)
    names = [variable["name"] for variable in facts_of(case["model"])["variables"]]
    known = named(network)
    variables, trained = [known[name] for name in names], np.array([known[name].trainable for name in names])
    start = [variable.numpy() for variable in variables]
    comparable = ~np.isin(names, case["not_comparable"])
    noise = case["float64_perturbed_by_1e-14"]
    for index, step in enumerate(case["steps"]):
        np.testing.assert_allclose(network.optimizer.learning_rate, step["learning_rate"], rtol=1e-6)
        loss = taken(network, case)
        if noise["total_loss_rel"][index] < CHAOS:
            np.testing.assert_allclose(loss, step["total_loss_float64"], rtol=1e-6, err_msg=f"before step {index + 1}")
        if noise["trainable_delta_worst"][index] < CHAOS:
            moved = np.array([np.abs(v.numpy() - s).sum() for v, s in zip(variables, start, strict=True)])
            want = arrays["delta_fingerprints_float64"][index, :, 1]
            for chosen, bound in ((trained & comparable, 1e-5), (~trained, 1e-4)):
                np.testing.assert_allclose(moved[chosen], want[chosen], bound, atol=1e-12, err_msg=f"step {index + 1}")
    if noise["total_loss_rel"][-1] < CHAOS:
        np.testing.assert_allclose(taken(network, case), case["after_last_step"]["total_loss_float64"], rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in STEPS if re.fullmatch("momentum_mobilenet.*_small_lr", name)])
def test_steps_in_float32(name, networks):
    """Where steps are small: larger ones show which activations rounding took across their thresholds."""
    case = facts_of(name)
    network = networks.learner(case, "float32")
    least = 1e-4 if settings(case).model.fine_tune_batch_norm else 1e-5
    for step, rounding in zip(case["steps"], case["float32_rounding"]["total_loss_rel"], strict=False):
        if 10 * rounding > 0.1:
            break
        np.testing.assert_allclose(taken(network, case), step["total_loss_float64"], rtol=max(10 * rounding, least))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.usefixtures("float64")
def test_multipliers_and_decay(model, networks):
    facts = facts_of(model)
    network = networks.learner({"model": model, "flags": {}})
    known = named(network)
    assert {name for name, variable in known.items() if variable.regularizer is not None} == {
        variable["name"] for variable in facts["variables"] if variable["l2"]
    }
    for asked, want in facts["gradient_multipliers"].items():
        flags = {name: float(value) if value.isdigit() else value == "True" for name, value in pairs(asked)}
        factors = gradient_factors(settings({"model": model, "flags": flags}), network)
        found = {name: factors[v.path] for name, v in known.items() if v.path in factors}
        assert found == {name: factor for name, factor in want.items() if factor != 1}, asked


def pairs(text):
    return [part.split("=") for part in text.split(", ")]
