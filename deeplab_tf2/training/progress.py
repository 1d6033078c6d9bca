"""What a run tells on its way: loss, learning rate, speed, and when it will be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from deeplab_tf2.config import RunConfig
from deeplab_tf2.training.at_steps import AtSteps, current_rate
from deeplab_tf2.training.cluster import Echo
from deeplab_tf2.training.input_watch import InputWatch

Row = dict[str, Any]


class Progress(AtSteps):
    """Prints a line every `log_steps` steps, and warns once where the run waits for its input.

    The loss is the mean over the steps since the line before, also where the run was stopped in between. The speed is
    that of the steps alone; the time left counts validations and checkpoints as they came so far.

    Args:
        config: settings of the run.
        echo: prints a line.
        record: keeps a row: step, loss, learning_rate, gradient_norm, images_per_second, input_share.

    Attributes:
        row: the newest row; empty before the first.
    """

    def __init__(self, config: RunConfig, echo: Echo, record: Callable[[Row], object]) -> None:
        super().__init__(config.run.log_steps, config.optimizer.training_number_of_steps)
        self.batch_size = config.data.train_batch_size
        self.is_timed = config.machine.steps_per_execution == 1
        self.echo, self.record = echo, record
        self.watch = InputWatch(config.data, config.machine, echo)
        self.losses: list[tuple[int, Any]] = []
        self.row: Row = {}

    def state(self) -> dict[str, Any]:
        """What the next line needs of the steps since the last one."""
        return {"losses": [(steps, float(loss)) for steps, loss in self.losses]}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from `state`."""
        self.losses = [(steps, loss) for steps, loss in state["losses"]]

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        super().on_train_begin(logs)
        self.beginning: tuple[int, float] | None = None
        self.left_at: float | None = None
        self._open_window(self.first)

    def _open_window(self, step: int) -> None:
        self.window = step, time.perf_counter(), self.model.input_seconds
        self.elsewhere = 0.0

    def on_train_batch_begin(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.left_at is not None:
            self.elsewhere += time.perf_counter() - self.left_at

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        steps = self.step_of(batch) - self.step
        self.losses.append((steps, (logs or {})["loss"]))
        super().on_train_batch_end(batch, logs)
        # What follows until the next step, such as a validation, is no part of the speed of the steps.
        self.left_at = time.perf_counter()

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        loss = sum(steps * float(loss) for steps, loss in self.losses) / sum(steps for steps, _ in self.losses)
        self.losses = []
        now = time.perf_counter()
        before, since, waited = self.window
        seconds = max(now - since - self.elsewhere, 1e-9)
        waited = self.model.input_seconds - waited
        self.row = {
            "step": step,
            "loss": loss,
            "learning_rate": current_rate(self.model),
            "gradient_norm": float(logs["gradient_norm"]),
            "images_per_second": round((step - before) * self.batch_size / seconds, 2),
            "input_share": round(waited / seconds, 4) if self.is_timed else "",
        }
        self.record(self.row)
        self.echo(self._line(step, now, before, since))
        # The first steps are traced, and fill the pipeline.
        if self.beginning is None:
            self.beginning = step, now
        elif self.is_timed:
            self.watch.add(step - before, seconds, waited)
        self._open_window(step)

    def _line(self, step: int, now: float, before: int, since: float) -> str:
        begun, moment = self.beginning or (before, since)
        left = (now - moment) / max(step - begun, 1) * (self.last - step)
        row, parts = self.row, [f"step {step}/{self.last}"]
        parts += [f"loss {row['loss']:.4f}", f"learning rate {row['learning_rate']:.3g}"]
        parts += [f"{row['images_per_second']:.1f} images/s"]
        parts += [f"input {100 * row['input_share']:.0f} %"] if self.is_timed else []
        return "  ".join([*parts, f"ETA {clock(left)}"])


def clock(seconds: float) -> str:
    """A time as minutes:seconds or hours:minutes:seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
