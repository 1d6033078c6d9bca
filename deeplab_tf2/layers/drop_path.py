"""Drop path: whole branches of a network left out at random, sample by sample."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class DropPath(keras.layers.Layer):
    """Zeroes [batch, height, width, channels] for whole samples and scales the others so that the mean stays.

    Unlike stochastic depth with a fixed rate, the probability of keeping a sample is an argument of each call, so
    that it can follow a schedule (Zoph et al. 2018, ScheduledDropPath). Outside training nothing changes.

    Args:
        seed: start of the random numbers; their state is among what is saved, for a resumed run needs it.
    """

    def __init__(self, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True

    def call(self, inputs: Any, keep_probability: Any, training: bool | None = None) -> Any:
        if not training:
            return inputs
        # In float32: in half precision a uniform number may round up to 1, and keep what should go.
        keep = ops.cast(keep_probability, "float32")
        uniform = keras.random.uniform((ops.shape(inputs)[0], 1, 1, 1), dtype="float32", seed=self.seed_generator)
        return inputs * ops.cast(ops.floor(keep + uniform) / keep, inputs.dtype)

    def save_own_variables(self, store: Any) -> None:
        super().save_own_variables(store)
        store["random_state"] = ops.convert_to_numpy(self.seed_generator.state)

    def load_own_variables(self, store: Any) -> None:
        # A file written without drop path has the weights all the same.
        if "random_state" in store:
            self.seed_generator.state.assign(store["random_state"])
