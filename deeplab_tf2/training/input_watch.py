"""Whether a run waits for its input, and what to do about it."""

from __future__ import annotations

import os

from deeplab_tf2.config import DataConfig, MachineConfig
from deeplab_tf2.training.cluster import Echo

# The share of the time that steps may wait, and the steps over which it is taken.
_BEARABLE = 0.3
_STEPS = 20


class InputWatch:
    """Warns, once, that steps wait for their batches.

    Args:
        data: what is read.
        machine: how it is read.
        echo: prints a line.
    """

    def __init__(self, data: DataConfig, machine: MachineConfig, echo: Echo) -> None:
        self.data, self.machine, self.echo = data, machine, echo
        self.has_warned = False
        self._clear()

    def _clear(self) -> None:
        self.steps, self.seconds, self.waited = 0, 0.0, 0.0

    def add(self, steps: int, seconds: float, waited: float) -> None:
        """Counts some steps that took `seconds`, `waited` of them before the batches were there."""
        self.steps, self.seconds, self.waited = self.steps + steps, self.seconds + seconds, self.waited + waited
        if self.steps < _STEPS or self.has_warned:
            return
        if self.waited > _BEARABLE * self.seconds:
            self.has_warned = True
            self.echo(self._warning())
        self._clear()

    def _warning(self) -> str:
        step, waited = self.seconds / self.steps, self.waited / self.steps
        return (
            f"warning: the run waits for its input: of {step:.3f} s a step, {waited:.3f} s ({waited / step:.0%}) pass "
            f"until the batch is there, {step - waited:.3f} s in the network. {'; '.join(self._advice())}"
        )

    def _advice(self) -> list[str]:
        cores, reads = os.cpu_count() or 1, self.machine.parallel_reads
        advice = []
        if reads is not None and reads < cores:
            advice.append(f"raise --parallel_reads={reads} (there are {cores} cores), or set it to none")
        if self.machine.prefetched_batches == 1:
            advice.append("set --prefetched_batches=none")
        height, width = self.data.train_crop_size
        advice += [
            f"take a smaller --train_crop_size than {height},{width}, or records of smaller images",
            f"keep {self.data.dataset_dir} on a disk of this machine",
            f"benchmark.py --dataset_dir={self.data.dataset_dir} measures the reading alone",
        ]
        return advice
