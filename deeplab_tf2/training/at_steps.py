"""What happens every so many optimizer steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras


class AtSteps(keras.callbacks.Callback):
    """Calls `act(step, logs)` every so many optimizer steps, and after the last one.

    Where several steps are taken at a time, it is called after those that reach or pass such a step.

    Args:
        every: steps between two calls.
        last: number of the last step.
    """

    def __init__(self, every: int, last: int) -> None:
        super().__init__()
        self.every = every
        self.last = last

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.first = self.step = steps_taken(self.model)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        before, self.step = self.step, self.step_of(batch)
        if self.step // self.every > before // self.every or self.step == self.last:
            self.act(self.step, logs or {})

    def step_of(self, batch: int) -> int:
        """The number of steps that are done at the end of a batch of Keras' count, which goes on beyond the last."""
        return min(self.first + batch + 1, self.last)

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        """What to do after `step` steps of the run, `logs` being those of the last one."""
        raise NotImplementedError


def steps_taken(model: keras.Model) -> int:
    """The number of optimizer steps, from the beginning of the run on."""
    # What lives on several devices is no number for Python.
    return int(keras.ops.convert_to_numpy(model.optimizer.iterations))


def current_rate(model: keras.Model) -> float:
    """The learning rate of the next step."""
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
