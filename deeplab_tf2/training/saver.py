"""The checkpoints of a run as it goes: when they are written, which is the best, and when there is no need to go on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from deeplab_tf2.checkpoints import files
from deeplab_tf2.checkpoints.choice import note_best
from deeplab_tf2.config import RunConfig
from deeplab_tf2.training.agreement import gathered
from deeplab_tf2.training.at_steps import AtSteps, steps_taken
from deeplab_tf2.training.averaging import averaged
from deeplab_tf2.training.cluster import Echo
from deeplab_tf2.training.guard import check_weights
from deeplab_tf2.training.signals import StopSignals
from deeplab_tf2.training.validation import Validation

# A reason to stop that is no signal; signals that are taken have greater numbers.
_EXHAUSTED = 1


class Carrier(Protocol):
    """A callback with something that must not be lost where a run is stopped."""

    def state(self) -> dict[str, Any]:
        """What there is, as JSON values."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from what `state` gave."""


class Saver(AtSteps):
    """Saves every `save_steps` steps, at a better mIoU, at a signal and at the end; to stand behind all others.

    Args:
        config: settings of the run.
        signals: tells whether the run is to stop.
        validation: what finds the mIoU of a step, if anything does.
        carriers: callbacks whose state is saved too.
        echo: prints a line.
        writes: whether this worker, of several, is the one that saves; all of them stop at the same step.

    Attributes:
        best: "step" and "mIoU" of the best validation; None before the first.
        waited: validations since then.
    """

    def __init__(
        self,
        config: RunConfig,
        signals: StopSignals,
        validation: Validation | None,
        carriers: Sequence[Carrier],
        echo: Echo,
        writes: bool = True,
    ) -> None:
        run, last = config.run, config.optimizer.training_number_of_steps
        super().__init__(run.save_steps or last, last)
        self.folder, self.keep, self.patience = run.train_logdir, run.keep, run.early_stopping
        self.split = run.validation_split
        self.signals, self.validation, self.echo, self.writes = signals, validation, echo, writes
        self.carriers: dict[str, Carrier] = {type(carrier).__name__: carrier for carrier in (self, *carriers)}
        self.best: dict[str, Any] | None = None
        self.waited = 0
        self.saved: int | None = None
        self.noted: int | None = None

    def state(self) -> dict[str, Any]:
        """The best validation so far, and how many came after it."""
        return {"best": self.best, "waited": self.waited, "split": self.split}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Goes on from `state`, where the best is there still and was found on the same split."""
        best = state["best"]
        is_there = best is not None and os.path.isfile(files.path_of(self.folder, best["step"]))
        if is_there and state.get("split", self.split) == self.split:
            self.best, self.waited = best, state["waited"]

    def restore_all(self, state: Mapping[str, Any]) -> None:
        """Gives the states that a checkpoint was saved with back to this callback and to the carriers."""
        for name, carrier in self.carriers.items():
            if name in state:
                carrier.restore(state[name])
        # A note of a later step would be of what was lost.
        if self.writes:
            note_best(self.folder, self.best)
            self.noted = None if self.best is None else self.best["step"]

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        is_better = self._judge(self.step_of(batch))
        super().on_train_batch_end(batch, logs)
        reason = self._agreed_reason()
        if (is_better or reason) and self.saved != self.step:
            self.act(self.step, logs or {})
        if reason:
            self.echo(reason)
            self.model.stop_training = True

    def _agreed_reason(self) -> str | None:
        """Why all workers stop at this step, if one of them has a reason to."""
        if self.step == self.last:
            return None
        reason = self._reason_to_stop()
        wish = self.signals.received or (_EXHAUSTED if reason else 0)
        wish = int(max(gathered(self.model.distribute_strategy, wish)))
        if wish > _EXHAUSTED:
            self.signals.received = wish
        return (reason or self._reason_to_stop() or "another worker stops") if wish else None

    def act(self, step: int, logs: Mapping[str, Any]) -> None:
        if not self.writes:
            return
        check_weights(self.model)
        state = {name: carrier.state() for name, carrier in self.carriers.items()}
        best = None if self.best is None else self.best["step"]
        protected = {step for step in (self.noted, best) if step is not None}
        with averaged(self.model):
            files.save(self.model, self.folder, step, self.keep, state, protected)
        self.saved = step
        if best == step:
            note_best(self.folder, self.best)
            self.noted = step
            # The one that was the best until now has to be there until then.
            files.prune(self.folder, self.keep, {step})

    @contextlib.contextmanager
    def rescuing(self) -> Iterator[None]:
        """Saves the step whose validation fails in this context: it is none the worse for that."""
        try:
            yield
        except Exception:
            if self.validation is not None and self.validation.is_scoring:
                self.act(steps_taken(self.model), {})
            raise

    def _judge(self, step: int) -> bool:
        """Whether the validation of this step, if there was one, is the best so far."""
        if self.validation is None or self.validation.latest is None or self.validation.row["step"] != step:
            return False
        miou = float(self.validation.latest.scores.miou)
        if miou > (-1.0 if self.best is None else self.best["mIoU"]):
            self.best, self.waited = {"step": step, "mIoU": miou}, 0
            return True
        self.waited += 1
        return False

    def _reason_to_stop(self) -> str | None:
        if self.signals.received is not None:
            return (
                f"{self.signals.name}: saved {self.folder} at step {self.step} of {self.last}; the same command goes "
                "on from there"
            )
        return self.exhausted(self.step)

    def exhausted(self, step: int) -> str | None:
        """Why the run is over at a step before its last one, if no better mIoU came for long enough."""
        if self.best is None or self.patience is None or self.waited < self.patience:
            return None
        return (
            f"stopped early at step {step}: {self.waited} validations without a better mIoU than "
            f"{self.best['mIoU']:.4f} at step {self.best['step']}, which --checkpoint=best names; a larger "
            "--early_stopping, or none, goes on"
        )
