"""What happens beside the optimizer steps of a run: progress, checkpoints, validation."""

from __future__ import annotations

import csv
import math
import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError
from deeplab_tf2.training.at_steps import AtSteps, Echo


class Progress(AtSteps):
    """Prints step, loss, learning rate, speed and time left, and keeps them in `train_log.csv`.

    Args:
        every: steps between lines.
        last: number of the last step.
        batch_size: images per step.
        folder: folder of the run.
        echo: prints a line.
    """

    def __init__(self, every: int, last: int, batch_size: int, folder: str, echo: Echo) -> None:
        super().__init__(every, last)
        self.batch_size = batch_size
        self.log = CsvLog(os.path.join(folder, "train_log.csv"))
        self.echo = echo

    def on_train_begin(self, logs: Mapping[str, float] | None = None) -> None:
        super().on_train_begin(logs)
        self.before = self.first
        self.start = self.then = time.monotonic()
        self.warm: tuple[int, float] | None = None

    def act(self, step: int, logs: Mapping[str, float]) -> None:
        now = time.monotonic()
        loss, rate = float(logs["loss"]), float(self.model.optimizer.learning_rate)
        if not math.isfinite(loss):
            raise InputError(
                f"the loss became {loss} between steps {self.before} and {step} at learning rate {rate:.3g}: "
                "lower --base_learning_rate; the last checkpoint is still good"
            )
        speed = (step - self.before) * self.batch_size / max(now - self.then, 1e-9)
        # The first interval includes tracing and would spoil the estimate.
        since, moment = self.warm or (self.before, self.then)
        left = (now - moment) / max(step - since, 1) * (self.last - step)
        self.echo(
            f"step {step}/{self.last}  loss {loss:.4f}  learning rate {rate:.3g}  {speed:.1f} images/s  "
            f"ETA {_clock(left)}"
        )
        self.log.add({"step": step, "loss": loss, "learning_rate": rate, "images_per_second": round(speed, 2)})
        self.warm = self.warm or (step, now)
        self.before, self.then = step, now
        self.model.reset_metrics()


class Saver(AtSteps):
    """Writes a checkpoint."""

    def __init__(self, every: int, last: int, folder: str) -> None:
        super().__init__(every, last)
        self.folder = folder

    def act(self, step: int, logs: Mapping[str, float]) -> None:
        files.save(self.model, self.folder, step)


class Validation(AtSteps):
    """Scores the network, prints mIoU and whatever is alarming, and keeps the score in `validation_log.csv`.

    Args:
        every: steps between validations.
        last: number of the last step.
        score: gives (scores by name, lines worth printing).
        folder: folder of the run.
        echo: prints a line.
    """

    def __init__(
        self,
        every: int,
        last: int,
        score: Callable[[], tuple[dict[str, float], list[str]]],
        folder: str,
        echo: Echo,
    ) -> None:
        super().__init__(every, last)
        self.score = score
        self.log = CsvLog(os.path.join(folder, "validation_log.csv"))
        self.echo = echo

    def act(self, step: int, logs: Mapping[str, float]) -> None:
        scores, lines = self.score()
        self.echo(f"step {step}/{self.last}  validation " + "  ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        for line in lines:
            self.echo(line)
        self.log.add({"step": step, **scores})


class CsvLog:
    """Rows of a CSV file, one at a time; the columns are those of the first row."""

    def __init__(self, path: str) -> None:
        self.path = path

    def add(self, row: Mapping[str, Any]) -> None:
        """Appends a row."""
        is_new = not os.path.exists(self.path)
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(row))
            if is_new:
                writer.writeheader()
            writer.writerow(row)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
