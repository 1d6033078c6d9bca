"""The weights behind the golden numbers: each variable is a function of (salt, official name, shape)."""

import hashlib
import re

import numpy as np

# Gains of the last batch norm of a residual branch, which keep deep networks of random weights alive.
GAINS = {
    r".*middle_flow/.*separable_conv3_pointwise/BatchNorm/gamma": 0.3,
    r"resnet_v1_\d+/.*bottleneck_v1/conv3/BatchNorm/gamma": 0.3,
    r"MobilenetV2/.*/project/BatchNorm/gamma": 0.7,
    r"MobilenetV3/.*/project/BatchNorm/gamma": 1.15,
    r"MobilenetEdgeTPU/.*/project/BatchNorm/gamma": 0.6,
}


def make_weight(name, shape, salt):
    """float32 values of the variable `name`."""
    key = np.frombuffer(hashlib.sha256(f"{salt}|{name}".encode()).digest(), "<u4")
    normals = np.random.RandomState(key).standard_normal(tuple(shape))
    scope, _, leaf = name.rpartition("/")
    return _MAKERS[leaf](normals, scope, name).astype(np.float32)


def _regular(normals, scope, name):
    height, width, channels, _ = normals.shape
    gain = 2 if scope.endswith(("_pointwise", "expand")) else 3
    weights = normals * np.sqrt(gain / (height * width * channels))
    if channels > 3:
        weights -= weights.mean((0, 1, 2))
    if name.startswith("logits/"):
        return 3 * weights
    # The 7x7 root reads images that are not scaled to [-1, 1].
    return weights / 60 if re.fullmatch(r"resnet_v1_\d+/conv1", scope) else weights


def _depthwise(normals, scope, name):
    weights = normals * np.sqrt(2 / (normals.shape[0] * normals.shape[1]))
    return weights - 0.5 * weights.mean((0, 1))


def _pointwise(normals, scope, name):
    weights = normals * np.sqrt(1 / normals.shape[2])
    return weights - weights.mean((0, 1, 2))


def _gamma(normals, scope, name):
    gain = next((gain for pattern, gain in GAINS.items() if re.fullmatch(pattern, name)), 1.0)
    return gain * (1 + 0.1 * normals)


def _small(normals, scope, name):
    return 0.1 * normals


def _variance(normals, scope, name):
    return 1 + 0.1 * np.abs(normals)


_MAKERS = {
    "weights": _regular,
    "depthwise_weights": _depthwise,
    "pointwise_weights": _pointwise,
    "gamma": _gamma,
    "beta": _small,
    "moving_mean": _small,
    "biases": _small,
    "moving_variance": _variance,
}


def make_weights(case):
    """All variables of a case: official name -> values."""
    return {
        variable["name"]: make_weight(variable["name"], variable["shape"], case["salt"])
        for variable in case["variables"]
    }


def fingerprint(weights):
    """Sum, sum of magnitudes and sum of squares over all variables."""
    flat = [values.astype(np.float64) for values in weights.values()]
    return [sum(values.sum() for values in parts) for parts in (flat, map(np.abs, flat), map(np.square, flat))]
