"""Variables by name, read one by one."""

import numpy as np
import pytest

from deeplab_tf2.checkpoints.variables import Variables


def test_nothing_is_read_before_it_is_asked_for():
    read = []

    def values(name):
        read.append(name)
        return np.zeros(2)

    variables = Variables("x.ckpt", {"a/weights": (2,), "b/weights": (2,)}, values)
    assert list(variables) == ["a/weights", "b/weights"] and len(variables) == 2 and "a/weights" in variables.shapes
    assert read == []
    assert variables["b/weights"].shape == (2,)
    assert read == ["b/weights"]


def test_arrays_in_memory():
    variables = Variables.of({"a/weights": np.ones((3, 2), np.float32)})
    assert variables.shapes == {"a/weights": (3, 2)}
    np.testing.assert_array_equal(variables["a/weights"], np.ones((3, 2)))
    with pytest.raises(KeyError):
        variables["b"]
