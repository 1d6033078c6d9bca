"""The activations by name, against NumPy."""

import numpy as np
import pytest

from deeplab_tf2.layers.activations import activation

X = np.linspace(-9, 9, 37, dtype=np.float32)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("q_sigmoid", np.clip(X + 3, 0, 6) * 0.16667),
        ("clip6", np.clip(X, -6, 6)),
        ("relu6", np.clip(X, 0, 6)),
        (None, X),
    ],
)
def test_by_name(name, expected):
    np.testing.assert_allclose(activation(name)(X), expected, rtol=1e-6)


def test_unknown_name():
    with pytest.raises(ValueError, match="clip7"):
        activation("clip7")
