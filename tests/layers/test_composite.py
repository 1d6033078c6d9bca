"""Nested layers are called once each while a network is made."""

import keras
import numpy as np

from deeplab_tf2.layers.composite import Composite

CALLS = []


class Nest(Composite):
    def __init__(self, depth):
        super().__init__()
        self.inner = Nest(depth - 1) if depth else keras.layers.Dense(2)

    def call(self, inputs):
        CALLS.append(self)
        return self.inner(inputs)


def test_one_call_per_level():
    CALLS.clear()
    layer = Nest(4)
    layer(keras.KerasTensor((None, 3)))
    assert len(CALLS) == 5
    assert len(layer.weights) == 2 and layer(np.ones((1, 3), np.float32)).shape == (1, 2)
