"""The official graph's own numbers: every golden case, its weights imported from a TF1 checkpoint."""

import functools
import json
import pathlib

import numpy as np
import pytest
from golden_weights import fingerprint, make_weights
from tf1_files import write_checkpoint

import deeplab_tf2 as dl
from deeplab_tf2.models.prediction import predict

GOLDEN = pathlib.Path(__file__).parent / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if path.stem != "preprocess")
# In units of a golden array's standard deviation; rounding alone makes about 5e-5.
BOUND = 2e-3


@functools.cache
def case_of(name):
    return json.loads((GOLDEN / f"{name}.json").read_text()), dict(np.load(GOLDEN / f"{name}.npz"))


@pytest.fixture(scope="module")
def checkpoint_of(tmp_path_factory):
    """The TF1 checkpoint of a case; cases of equal weights share it."""
    folder = tmp_path_factory.mktemp("checkpoints")
    written = {}

    def write(case):
        key = tuple(case["weights_fingerprint"])
        if key not in written:
            weights = make_weights(case)
            np.testing.assert_allclose(fingerprint(weights), case["weights_fingerprint"], rtol=1e-6, atol=1e-2)
            written[key] = write_checkpoint(folder / f"{case['name']}.ckpt", weights)
        return written[key]

    return write


def network(case, checkpoint):
    options = {**case["options"], "image_pyramid": case.get("image_pyramid")}
    model = dl.DeepLab(dl.ModelConfig.from_official(options))
    dl.import_checkpoint(model, checkpoint)
    return model


def sampled(values, step):
    """The part of an array [1, height, width, channels] that a golden array holds."""
    steps = step if isinstance(step, list) else [step, step, 1]
    return np.asarray(values)[0][tuple(slice(None, None, step) for step in steps)]


def distance(case, name, got, golden):
    """Largest difference in units of the golden standard deviation."""
    assert got.shape == golden.shape, name
    return np.abs(got - golden).max() / case["full_stats"][name]["std"]


@pytest.mark.parametrize("name", CASES)
def test_official_numbers(name, checkpoint_of):
    case, golden = case_of(name)
    model = network(case, checkpoint_of(case))
    counts = [sum(int(np.prod(weight.shape)) for weight in group) for group in (model.weights, model.trainable_weights)]
    assert counts == [case["parameters"], case["trainable_parameters"]]
    image = golden["image"][np.newaxis]
    several = case["mode"] == "multi_scale"
    how = (case["eval_scales"], case["add_flipped_images"]) if several else ()
    predicted = {key: np.asarray(value) for key, value in predict(model, image, *how).items()}
    probabilities = predicted["probabilities"]
    found = {"prob": probabilities, "prob_softmaxed": softmax(probabilities)}
    if not several:
        found |= dict(dl.endpoints(model)(image))
    distances = {
        key: distance(case, key, sampled(found[key], case["arrays"][key]["subsample"]), golden[key])
        for key in golden
        if key not in ("image", "argmax")
    }
    print(name, {key: f"{value:.1e}" for key, value in distances.items()})
    assert max(distances.values()) <= BOUND, distances
    assert_labels(
        predicted["labels"][0], golden["argmax"], probabilities[0], case["full_stats"].get("logits", {"std": 4})["std"]
    )


def softmax(values):
    exponents = np.exp(values - values.max(-1, keepdims=True))
    return exponents / exponents.sum(-1, keepdims=True)


def assert_labels(labels, golden, probabilities, deviation):
    """Labels agree wherever the scores of the best two classes differ by more than twice what the bound allows."""
    ordered = np.log(np.maximum(np.sort(probabilities, axis=-1), 1e-30))
    clear = ordered[..., -1] - ordered[..., -2] > 2 * BOUND * deviation
    assert clear.mean() > 0.9
    np.testing.assert_array_equal(labels[clear], golden[clear])
