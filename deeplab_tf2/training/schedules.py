"""The learning rate policies of official DeepLab, each with its slow start."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import OptimizerConfig


class _SlowStart(keras.optimizers.schedules.LearningRateSchedule):
    """A constant rate for the first steps; the policy counts its own steps from there."""

    def __init__(self, slow_start_step: int, slow_start_learning_rate: float) -> None:
        self.slow_start_step = slow_start_step
        self.slow_start_learning_rate = slow_start_learning_rate

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate = self.policy(ops.maximum(step - self.slow_start_step, 0.0))
        return ops.where(step < self.slow_start_step, self.slow_start_learning_rate, rate)

    def policy(self, step: Any) -> Any:
        """The rate at `step` steps after the slow start."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class WarmupPoly(_SlowStart):
    """(base - end) * (1 - min(s, D) / D)^power + end, for step s after the slow start (DeepLabv2, section 4.1).

    Args:
        base_learning_rate: rate at s = 0.
        steps: all steps of the run; D is `decay_steps`, or `steps - slow_start_step`.
        power: exponent.
        end_learning_rate: rate at the end.
        decay_steps: D if above 0.
        slow_start_step: steps of the slow start.
        slow_start_learning_rate: rate during it.
    """

    def __init__(
        self,
        base_learning_rate: float,
        steps: int,
        power: float = 0.9,
        end_learning_rate: float = 0.0,
        decay_steps: float = 0.0,
        slow_start_step: int = 0,
        slow_start_learning_rate: float = 1e-4,
    ) -> None:
        super().__init__(slow_start_step, slow_start_learning_rate)
        self.base_learning_rate = base_learning_rate
        self.steps = steps
        self.power = power
        self.end_learning_rate = end_learning_rate
        self.decay_steps = decay_steps

    def policy(self, step: Any) -> Any:
        horizon = float(self.decay_steps or max(self.steps - self.slow_start_step, 1))
        left = 1.0 - ops.minimum(step, horizon) / horizon
        return (self.base_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class WarmupStep(_SlowStart):
    """base * factor^floor(s / decay_step), for step s after the slow start.

    Args:
        base_learning_rate: rate at s = 0.
        decay_factor: factor of each drop.
        decay_step: steps between drops.
        slow_start_step: steps of the slow start.
        slow_start_learning_rate: rate during it.
    """

    def __init__(
        self,
        base_learning_rate: float,
        decay_factor: float = 0.1,
        decay_step: int = 2_000,
        slow_start_step: int = 0,
        slow_start_learning_rate: float = 1e-4,
    ) -> None:
        super().__init__(slow_start_step, slow_start_learning_rate)
        self.base_learning_rate = base_learning_rate
        self.decay_factor = decay_factor
        self.decay_step = decay_step

    def policy(self, step: Any) -> Any:
        return self.base_learning_rate * self.decay_factor ** ops.floor(step / self.decay_step)


def learning_rate(config: OptimizerConfig) -> _SlowStart:
    """The schedule that an optimizer configuration asks for."""
    if config.learning_policy == "step":
        return WarmupStep(
            config.base_learning_rate,
            config.learning_rate_decay_factor,
            config.learning_rate_decay_step,
            config.slow_start_step,
            config.slow_start_learning_rate,
        )
    return WarmupPoly(
        config.base_learning_rate,
        config.training_number_of_steps,
        config.learning_power,
        config.end_learning_rate,
        config.decay_steps,
        config.slow_start_step,
        config.slow_start_learning_rate,
    )
