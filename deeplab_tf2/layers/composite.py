"""The base of layers that are made of layers."""

from __future__ import annotations

from typing import Any

import keras


class Composite(keras.layers.Layer):
    """A layer without weights of its own: its parts build themselves when they are first called.

    Keras would otherwise run `call` once more to build the parts, at every level of nesting: a network of nested
    blocks would take several times as long to construct.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.built = True
