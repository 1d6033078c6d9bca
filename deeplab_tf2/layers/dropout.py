"""Dropout that goes on where it was when its model comes back from a file."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class Dropout(keras.layers.Dropout):
    """The stock layer, with the state of its random numbers among what is saved: a resumed run needs it."""

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["random_state"] = keras.ops.convert_to_numpy(self.seed_generator.state)

    def load_own_variables(self, store: Any) -> None:
        self.seed_generator.state.assign(store["random_state"])
