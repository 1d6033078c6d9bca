"""Progress: the loss between two lines, also over a stop, the speed of the steps alone, and the time left."""

import json
import re
import time
import types

import pytest
from watched import LOG, STEPS

from deeplab_tf2.config import MachineConfig, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.training import csv_log
from deeplab_tf2.training.progress import Progress, clock


@pytest.fixture
def clock_of_steps(monkeypatch):
    """A clock that stands until it is told to go on."""
    moment = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: moment[0])

    def go_on(seconds):
        moment[0] += seconds

    return go_on


def driven(go_on, losses, first=0, state=None, together=1, pause=0.0):
    """What a callback tells and keeps of the steps after `first`, 0.1 s each, whose losses are given."""
    machine = MachineConfig(steps_per_execution=together)
    config = RunConfig(
        optimizer=OptimizerConfig(training_number_of_steps=10), run=RunOptions(log_steps=4), machine=machine
    )
    lines, rows = [], []
    progress = Progress(config, lines.append, rows.append)
    model = types.SimpleNamespace(
        optimizer=types.SimpleNamespace(iterations=first, learning_rate=0.5), input_seconds=0.0
    )
    progress.set_model(model)
    if state is not None:
        progress.restore(json.loads(json.dumps(state)))
    progress.on_train_begin()
    for number, loss in enumerate(losses):
        progress.on_train_batch_begin(number * together)
        go_on(0.1)
        model.input_seconds += 0.02
        progress.on_train_batch_end(number * together + together - 1, {"loss": loss, "gradient_norm": 2.0})
        go_on(pause)
    return progress, lines, rows


def test_a_line_has_the_mean_since_the_one_before(clock_of_steps):
    _, lines, rows = driven(clock_of_steps, [0.1 * step for step in range(10)])
    assert [row["step"] for row in rows] == [4, 8, 10]
    assert [row["loss"] for row in rows] == pytest.approx([0.15, 0.55, 0.85])
    assert lines[0] == "step 4/10  loss 0.1500  learning rate 0.5  80.0 images/s  input 20 %  ETA 0:01"
    assert lines[-1].endswith("ETA 0:00")
    assert all(row["gradient_norm"] == 2.0 and row["input_share"] == 0.2 for row in rows)


@pytest.mark.parametrize("stop", range(1, 10))
def test_a_stop_changes_no_mean(clock_of_steps, stop):
    losses = [1 / (3 + step) for step in range(10)]
    _, _, whole = driven(clock_of_steps, losses)
    progress, _, before = driven(clock_of_steps, losses[:stop])
    _, _, after = driven(clock_of_steps, losses[stop:], stop, progress.state())
    assert [row["loss"] for row in before + after] == [row["loss"] for row in whole]


def test_steps_taken_together_weigh_as_many(clock_of_steps):
    # Three at a time: 1..3, 4..6, 7..9, and the last one alone.
    _, lines, rows = driven(clock_of_steps, [1.0, 2.0, 3.0, 9.0], together=3)
    assert [(row["step"], row["loss"]) for row in rows] == [(6, 1.5), (9, 3.0), (10, 9.0)]
    assert "input" not in lines[0] and rows[0]["input_share"] == ""


def test_what_happens_between_the_steps_counts_for_the_time_left_alone(clock_of_steps):
    _, lines, rows = driven(clock_of_steps, [1.0] * 10, pause=5.0)
    assert [row["images_per_second"] for row in rows] == [80.0] * 3
    # Two steps are left after the second line; four took 20.4 s.
    assert lines[1].endswith("ETA 0:10")


def test_a_run_keeps_its_rows(watched_run):
    rows = csv_log.rows(f"{watched_run.folder}/train_log.csv")
    assert [int(row["step"]) for row in rows] == [*range(LOG, STEPS, LOG), STEPS]
    assert all(float(row["loss"]) > 0 and float(row["gradient_norm"]) > 0 for row in rows)
    told = [line for line in watched_run.lines if re.match(rf"step \d+/{STEPS}  loss", line)]
    assert [f"loss {float(row['loss']):.4f}" in line for row, line in zip(rows, told, strict=True)] == [True] * 3


def test_clock():
    assert [clock(seconds) for seconds in (5, 75, 3700)] == ["0:05", "1:15", "1:01:40"]
