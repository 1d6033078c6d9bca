"""Networks with the weights of the golden training cases, which take their steps as a run does."""

import contextlib
import dataclasses
import functools
import json
import pathlib

import keras
import numpy as np
import tensorflow as tf
from golden_weights import fingerprint, make_weights

from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.config import LossConfig, ModelConfig, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.layers.batch_norm import BatchNormalization
from deeplab_tf2.training.learner import Learner
from deeplab_tf2.training.losses import SegmentationLoss
from deeplab_tf2.training.optimizers import make_optimizer

FOLDER = pathlib.Path(__file__).parent / "golden" / "training"


@functools.cache
def facts_of(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


@contextlib.contextmanager
def precision(dtype):
    """Layers and rates made within compute in `dtype`."""
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


def settings(case):
    """The configuration that a case's flags ask for."""
    flags = facts_of(case["model"])["flags"] | case["flags"]

    def section(kind):
        return {field.name: flags[field.name] for field in dataclasses.fields(kind) if field.name in flags}

    model = ModelConfig.from_official({name: value for name, value in flags.items() if name in _model_flags()})
    return RunConfig(
        model,
        loss=LossConfig(**section(LossConfig)),
        optimizer=OptimizerConfig(**section(OptimizerConfig)),
        run=RunOptions(**section(RunOptions)),
    )


def _model_flags():
    return {field.name for field in dataclasses.fields(ModelConfig)} | {"image_pyramid", "merge_method"}


class Networks:
    """One network for each set of weights and kind of layers; what else a case asks of it can be changed."""

    def __init__(self):
        self.made = {}

    def learner(self, case, dtype="float64"):
        """The network of a case before its first step."""
        config, facts = settings(case), facts_of(case["model"])
        kind = config.model.replace(fine_tune_batch_norm=None, image_pyramid=None, merge_method="max")
        key = (case["model"], kind, dtype)
        if key not in self.made:
            weights = make_weights(facts)
            np.testing.assert_allclose(fingerprint(weights), facts["weights_fingerprint"], rtol=1e-6, atol=1e-2)
            self.made[key] = Learner(kind), weights
        network, weights = self.made[key]
        for name, variable in named(network).items():
            variable.assign(weights[name])
        network.config = config.model
        network.aspp.dropout.rate = 0.0
        for layer in network._flatten_layers():
            if isinstance(layer, BatchNormalization):
                layer.frozen = not config.model.fine_tune_batch_norm
        network.upsample_logits = config.loss.upsample_logits
        terms = config.loss.to_dict()
        del terms["upsample_logits"]
        network.compile(make_optimizer(config, network), loss=SegmentationLoss(**terms))
        return network


def named(network):
    """The variables of a network by their official names."""
    variant = network.config.model_variant
    return {
        official_name(variable.path, variant): variable
        for variable in network.weights
        if "seed_generator" not in variable.path
    }


def batch(case):
    """Images and labels of a case."""
    arrays = np.load(FOLDER / f"{case['inputs']}.npz")
    return tf.constant(arrays["image"]), tf.constant(arrays[case["label"]], tf.int32)


class Gradients(keras.optimizers.SGD):
    """Keeps the gradients that it gets, and moves nothing."""

    def apply(self, grads, trainable_variables=None):
        self.kept = [keras.ops.convert_to_numpy(gradient) for gradient in grads]
