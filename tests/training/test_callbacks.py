"""Progress, checkpoints and validation beside the steps."""

import csv
import math
import types

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.training.callbacks import CsvLog, Progress, Validation, _clock


class Stepping:
    """Stands where the fitted model stands: a step counter and a learning rate."""

    def __init__(self):
        self.optimizer = types.SimpleNamespace(iterations=0, learning_rate=0.5)
        self.resets = 0

    def reset_metrics(self):
        self.resets += 1


def drive(callback, steps, loss=1.5):
    model = Stepping()
    callback.set_model(model)
    callback.on_train_begin()
    for step in range(1, steps + 1):
        model.optimizer.iterations = step
        callback.on_train_batch_end(step - 1, {"loss": loss})
    return model


def test_progress_tells_step_loss_rate_speed_and_time_left(tmp_path):
    lines = []
    model = drive(Progress(2, 5, 8, str(tmp_path), lines.append), 5)
    assert [line.split("  ")[0] for line in lines] == ["step 2/5", "step 4/5", "step 5/5"]
    assert all(part in lines[0] for part in ("loss 1.5000", "learning rate 0.5", "images/s", "ETA"))
    assert model.resets == 3
    with open(tmp_path / "train_log.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["2", "4", "5"] and rows[0]["loss"] == "1.5"


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_stops_the_run(tmp_path, loss):
    with pytest.raises(InputError, match="between steps 0 and 2 at learning rate 0.5: lower --base_learning_rate"):
        drive(Progress(2, 5, 8, str(tmp_path), print), 5, loss)


def test_validation_prints_scores_and_warnings(tmp_path):
    lines = []
    drive(Validation(3, 4, lambda: ({"mIoU": 0.25}, ["beware"]), str(tmp_path), lines.append), 4)
    assert lines == [
        "step 3/4  validation mIoU 0.2500",
        "beware",
        "step 4/4  validation mIoU 0.2500",
        "beware",
    ]


def test_csv_log_goes_on_where_it_was(tmp_path):
    for step in (1, 2):
        CsvLog(str(tmp_path / "log.csv")).add({"step": step})
    assert (tmp_path / "log.csv").read_text().split() == ["step", "1", "2"]


def test_clock():
    assert [_clock(seconds) for seconds in (5, 75, 3700)] == ["0:05", "1:15", "1:01:40"]
