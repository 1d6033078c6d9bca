"""What stops a run before it spoils anything: a loss, a gradient or a weight that is no number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import DataConfig, InputError, RunConfig
from deeplab_tf2.data import schema
from deeplab_tf2.data.records import Records
from deeplab_tf2.data.sample_order import sample_order
from deeplab_tf2.training.at_steps import AtSteps, steps_taken
from deeplab_tf2.training.schedules import learning_rate

_LISTED = 32


class Guard(AtSteps):
    """Stops a run at the step whose loss or gradient is not finite; to stand before all that saves anything.

    Args:
        config: settings of the run.
    """

    def __init__(self, config: RunConfig) -> None:
        super().__init__(1, config.optimizer.training_number_of_steps)
        self.config = config
        self.norm: float | None = None
        # Loss scaling meets infinite gradients on purpose, and leaves those steps out.
        self.checks_gradient = config.machine.precision != "mixed_float16"

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self.good = self.first

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        loss, norm = float(logs["loss"]), float(logs["gradient_norm"])
        if not math.isfinite(loss) or (self.checks_gradient and not math.isfinite(norm)):
            raise InputError(self._told(step, loss, norm))
        self.good, self.norm = step, norm

    def _told(self, step: int, loss: float, norm: float) -> str:
        what = f"the loss became {loss}" if not math.isfinite(loss) else f"the gradient's norm became {norm}"
        steps = f"step {step}" if step == self.good + 1 else f"one of the steps {self.good + 1} to {step}"
        schedule = learning_rate(self.config.optimizer)
        rate = float(schedule(step - 1)) if callable(schedule) else schedule
        before = "" if self.norm is None else f", {self.norm:.3g} in the step before"
        names = record_names(self.config.data, self.good, step)
        listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
        return (
            f"{what} in {steps} (learning rate {rate:.3g}, loss {loss:.4g}, gradient norm {norm:.4g}{before}). Its "
            f"records: {listed}. {_advice(self.config)}"
        )


def record_names(data: DataConfig, first: int, last: int) -> list[str]:
    """The names of the records in the batches of the steps `first` + 1 to `last`, each once, in order."""
    records, size = Records(data.dataset_dir, data.train_split), data.train_batch_size
    order = sample_order(len(records), data.seed, first * size).take((last - first) * size)
    positions = dict.fromkeys(int(position) for _, position in order)
    fields = (schema.parse(tf.constant(records.read(position))) for position in positions)
    return [bytes(field["filename"].numpy()).decode() for field in fields]


def _advice(config: RunConfig) -> str:
    optimizer = config.optimizer
    has_policy = optimizer.optimizer != "adam"
    name = "base_learning_rate" if optimizer.optimizer == "momentum" else "adam_learning_rate"
    rate = f"--{name}={getattr(optimizer, name)}"
    ways = ["lower " + ("--boundary_learning_rates" if has_policy and optimizer.boundaries else rate)]
    if optimizer.clip_gradient_norm is None:
        ways.append("give --clip_gradient_norm")
    if has_policy and not optimizer.slow_start_step:
        ways.append("begin slowly by --slow_start_step")
    if config.machine.precision == "mixed_float16":
        ways.append("take --precision=mixed_bfloat16")
    folder = config.run.train_logdir
    start = f"; --tf_initial_checkpoint={folder} starts it from what was saved here, which is sound"
    return (
        f"Where it is always the same records, check_dataset.py --dataset_dir={config.data.dataset_dir} looks at them; "
        f"otherwise {', or '.join(ways)}, in another --train_logdir{start if files.steps(folder) else ''}"
    )


def check_weights(model: Any) -> None:
    """Refuses to go on with weights that are not finite; to be called before they are saved.

    Raises:
        InputError: a weight is not finite; the first one is named.
    """
    floats = [weight for weight in model.variables if "float" in str(weight.dtype)]
    sound = tf.stack([tf.reduce_all(tf.math.is_finite(tf.convert_to_tensor(weight))) for weight in floats]).numpy()
    if not sound.all():
        broken = [weight.path for weight, is_sound in zip(floats, sound, strict=True) if not is_sound]
        raise InputError(
            f"after step {steps_taken(model)}, {len(broken)} of {len(floats)} weights are no finite numbers any more, "
            f"the first is {broken[0]}: nothing was saved of them. Lower the learning rate, or give "
            "--clip_gradient_norm, in another --train_logdir"
        )
