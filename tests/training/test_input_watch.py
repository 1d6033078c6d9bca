"""The warning of a run that waits for its input."""

import os

import pytest

from deeplab_tf2.config import DataConfig, MachineConfig
from deeplab_tf2.training.input_watch import InputWatch


def told(times, **machine):
    lines = []
    watch = InputWatch(DataConfig(dataset_dir="records"), MachineConfig(**machine), lines.append)
    for steps, seconds, waited in times:
        watch.add(steps, seconds, waited)
    return lines


@pytest.mark.parametrize(
    ("times", "warns"),
    [
        ([(10, 1.0, 0.2)] * 20, False),
        ([(10, 1.0, 0.9)], False),
        ([(10, 1.0, 0.9), (10, 1.0, 0.0)], True),
        ([(10, 1.0, 0.9), (10, 1.0, 0.1), (10, 1.0, 0.0)], True),
        # Each window counts for itself.
        ([(20, 1.0, 0.0)] * 9 + [(20, 1.0, 0.31)], True),
        ([(20, 1.0, 0.5)] * 5, True),
    ],
)
def test_warns_once_above_a_share(times, warns):
    assert len(told(times)) == warns


def test_the_warning_splits_the_step_and_says_what_to_do():
    (line,) = told([(20, 4.0, 1.8)])
    assert "of 0.200 s a step, 0.090 s (45%) pass until the batch is there, 0.110 s in the network" in line
    assert "--train_crop_size than 513,513" in line and "benchmark.py --dataset_dir=records" in line
    assert "--parallel_reads" not in line and "--prefetched_batches" not in line


def test_what_the_user_limited_comes_first(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    (line,) = told([(20, 4.0, 1.8)], parallel_reads=2, prefetched_batches=1)
    assert line.index("raise --parallel_reads=2 (there are 8 cores)") < line.index("--prefetched_batches")
    (line,) = told([(20, 4.0, 1.8)], parallel_reads=8)
    assert "--parallel_reads" not in line
