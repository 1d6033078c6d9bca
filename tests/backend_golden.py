"""Distances to golden numbers of the official graph on whatever Keras backend this process has; needs no TensorFlow.

Run as a script: python backend_golden.py CASE... prints a JSON object, case -> largest distance of any array in units
of its deviation.
"""

import json
import pathlib
import sys

import keras
import numpy as np
from golden_weights import make_weights

from deeplab_tf2 import DeepLab, ModelConfig, endpoints, predict_probabilities
from deeplab_tf2.checkpoints.names import official_name

GOLDEN = pathlib.Path(__file__).parent / "golden"


def distances(name):
    case, golden = json.loads((GOLDEN / f"{name}.json").read_text()), np.load(GOLDEN / f"{name}.npz")
    model = DeepLab(ModelConfig.from_official(case["options"]))
    weights = make_weights(case)
    for variable in model.weights:
        variable.assign(weights[official_name(variable.path, model.config.model_variant)])
    image = golden["image"][np.newaxis]
    if case["mode"] == "multi_scale":
        found = {"prob": predict_probabilities(model, image, case["eval_scales"], case["add_flipped_images"])}
    else:
        found = endpoints(model).predict_on_batch(image)
    for key in set(found) & set(golden):
        step = case["arrays"][key]["subsample"]
        steps = step if isinstance(step, list) else [step, step, 1]
        values = keras.ops.convert_to_numpy(found[key])[0][tuple(slice(None, None, step) for step in steps)]
        yield np.abs(values - golden[key]).max() / case["full_stats"][key]["std"]


if __name__ == "__main__":
    found = {name: float(max(distances(name))) for name in sys.argv[1:]}
    assert "tensorflow" not in sys.modules or keras.backend.backend() == "tensorflow"
    print(json.dumps(found))
