"""The learning rate policies of official DeepLab, each with its slow start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import OptimizerConfig


class _SlowStart(keras.optimizers.schedules.LearningRateSchedule):
    """Another rate for the first steps; the policy counts its own steps from there.

    Args:
        slow_start_step: steps of the slow start.
        slow_start_learning_rate: rate during it, or where its way to `burned_in` begins.
        burned_in: rate that the slow start goes to in a straight line; None: it stays where it is.
    """

    def __init__(
        self, slow_start_step: int = 0, slow_start_learning_rate: float = 1e-4, burned_in: float | None = None
    ) -> None:
        self.slow_start_step = slow_start_step
        self.slow_start_learning_rate = slow_start_learning_rate
        self.burned_in = burned_in

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, keras.backend.result_type(keras.config.floatx(), "float32"))
        slow = self.slow_start_learning_rate
        if self.burned_in is not None and self.slow_start_step:
            slow = slow + (self.burned_in - slow) * step / self.slow_start_step
        rate = self.policy(ops.maximum(step - self.slow_start_step, 0.0))
        return ops.where(step < self.slow_start_step, slow, rate)

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
        **slow_start: `slow_start_step`, steps at `slow_start_learning_rate` before the policy begins, on the way to
            `burned_in` if that is given.
    """

    def __init__(
        self,
        base_learning_rate: float,
        steps: int,
        power: float = 0.9,
        end_learning_rate: float = 0.0,
        decay_steps: float = 0.0,
        **slow_start: Any,
    ) -> None:
        super().__init__(**slow_start)
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
class WarmupCosine(_SlowStart):
    """base * (1 + cos(pi * min(s, D) / D)) / 2, for step s of the D after the slow start (Loshchilov & Hutter 2017).

    Args:
        base_learning_rate: rate at s = 0.
        steps: all steps of the run.
        **slow_start: as that of `WarmupPoly`.
    """

    def __init__(self, base_learning_rate: float, steps: int, **slow_start: Any) -> None:
        super().__init__(**slow_start)
        self.base_learning_rate = base_learning_rate
        self.steps = steps

    def policy(self, step: Any) -> Any:
        horizon = float(max(self.steps - self.slow_start_step, 1))
        return self.base_learning_rate * 0.5 * (1.0 + ops.cos(math.pi * ops.minimum(step, horizon) / horizon))


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class WarmupStep(_SlowStart):
    """base * factor^floor(s / decay_step), for step s after the slow start.

    Args:
        base_learning_rate: rate at s = 0.
        decay_factor: factor of each drop.
        decay_step: steps between drops.
        **slow_start: as that of `WarmupPoly`.
    """

    def __init__(
        self, base_learning_rate: float, decay_factor: float = 0.1, decay_step: int = 2_000, **slow_start: Any
    ) -> None:
        super().__init__(**slow_start)
        self.base_learning_rate = base_learning_rate
        self.decay_factor = decay_factor
        self.decay_step = decay_step

    def policy(self, step: Any) -> Any:
        return self.base_learning_rate * self.decay_factor ** ops.floor(step / self.decay_step)


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class WarmupBoundaries(_SlowStart):
    """One rate until each boundary, which still has it, and one after the last, for steps after the slow start.

    Args:
        boundaries: steps, rising.
        rates: one more than boundaries.
        **slow_start: as that of `WarmupPoly`.
    """

    def __init__(self, boundaries: Sequence[int], rates: Sequence[float], **slow_start: Any) -> None:
        super().__init__(**slow_start)
        self.boundaries = tuple(boundaries)
        self.rates = tuple(rates)

    def policy(self, step: Any) -> Any:
        passed = ops.sum(ops.cast(step > ops.convert_to_tensor(self.boundaries, step.dtype), "int32"))
        return ops.take(ops.convert_to_tensor(self.rates, step.dtype), passed)


def learning_rate(config: OptimizerConfig) -> _SlowStart | float:
    """What an optimizer configuration asks for: a schedule, or the constant rate of adam."""
    if config.optimizer == "adam":
        return config.adam_learning_rate
    base = config.base_learning_rate if config.optimizer == "momentum" else config.adam_learning_rate
    slow_start: dict[str, Any] = {
        "slow_start_step": config.slow_start_step,
        "slow_start_learning_rate": config.slow_start_learning_rate,
        "burned_in": base if config.slow_start_burnin_type == "linear" else None,
    }
    steps = config.training_number_of_steps
    if config.learning_policy == "step":
        return WarmupStep(base, config.learning_rate_decay_factor, config.learning_rate_decay_step, **slow_start)
    if config.learning_policy == "cosine":
        return WarmupCosine(base, steps, **slow_start)
    if config.learning_policy == "multi_steps":
        return WarmupBoundaries(config.boundaries, config.boundary_learning_rates, **slow_start)
    power, end = config.learning_power, config.end_learning_rate
    return WarmupPoly(base, steps, power, end, config.decay_steps, **slow_start)


def starting_rate(config: OptimizerConfig) -> float:
    """Where the learning rate begins, slow start aside."""
    if config.optimizer != "adam" and config.learning_policy == "multi_steps":
        return config.boundary_learning_rates[0]
    return config.base_learning_rate if config.optimizer == "momentum" else config.adam_learning_rate
