"""What a run would take, told before it: true numbers, and no trace."""

import math
import pathlib
import re

import pytest
from watched import small

from deeplab_tf2.checkpoints import files
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.training.dry_run import dry_run
from deeplab_tf2.training.start import compiled


@pytest.fixture(scope="module")
def told(sample_records, tmp_path_factory):
    """Settings of a run, its folder and the lines of its dry run."""
    folder = tmp_path_factory.mktemp("dry") / "run"
    config = small(sample_records, folder, 50, run={"validation_steps": 20, "keep": 2})
    lines = []
    dry_run(config, load_descriptor(sample_records), lines.append)
    return config, folder, {line.split(":")[0]: line for line in lines}


def number(pattern, line):
    return float(re.search(pattern, line)[1].replace(",", ""))


def test_no_trace(told):
    assert not told[1].exists()


def test_size_and_checkpoints_are_those_of_the_run(told, tmp_path):
    config, _, lines = told
    model = compiled(config, load_descriptor(config.data.dataset_dir))
    trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    assert lines["parameters"].startswith(
        f"parameters: {model.count_params():,}, {trained:,} of them trained; weights: "
    )
    size = pathlib.Path(files.save(model, str(tmp_path), 1)).stat().st_size / 1e6
    # HDF5 has some kilobytes for each of many small arrays.
    assert 0.3 * size < number(r"checkpoints: ([\d.]+) MB", lines["checkpoints"]) < size
    assert "3 of them at most" in lines["checkpoints"]


def test_steps_epochs_and_time(told):
    _, _, lines = told
    assert lines["steps"] == "steps: 50 of 2 images, 10.0 epochs of 10 images"
    step, waited = (
        number(r"speed: ([\d.]+) s a step", lines["speed"]),
        number(r"([\d.]+) s of it until", lines["speed"]),
    )
    assert 0 <= waited <= step
    assert number(r"([\d.]+) images/s", lines["speed"]) == pytest.approx(2 / step, rel=0.1)
    first, image = number(r"the first (\d+) s", lines["speed"]), number(r", ([\d.]+) s each", lines["validation"])
    assert lines["validation"].startswith("validation: 3 times 3 images")
    minutes, seconds = map(int, re.search(r"time: (\d+):(\d+);", lines["time"]).groups())
    assert 60 * minutes + seconds == pytest.approx(first + 50 * step + 9 * image, abs=2)
    assert number(r"memory: ([\d.]+) GiB", lines["memory"]) > 0.1 and "2 images of 33 x 33" in lines["memory"]


def test_what_is_left_of_a_run(watched_run):
    before = {path: path.stat().st_mtime_ns for path in pathlib.Path(watched_run.folder).iterdir()}
    config = watched_run.config.replace(
        optimizer=watched_run.config.optimizer.replace(training_number_of_steps=28),
        run=watched_run.config.run.replace(validation_split="none"),
        machine=watched_run.config.machine.replace(steps_per_execution=2),
    )
    lines = []
    dry_run(config, load_descriptor(watched_run.folder), lines.append)
    text = "\n".join(lines)
    assert "steps: 28 of 2 images, 5.6 epochs of 10 images, 8 of them done" in text
    assert "validation:" not in text and "until the batch" not in text
    step, first = number(r"speed: ([\d.]+) s a step", text), number(r"the first (\d+) s", text)
    minutes, seconds = map(int, re.search(r"time: (\d+):(\d+);", text).groups())
    assert 60 * minutes + seconds == pytest.approx(first + 20 * step, abs=2)
    assert {path: path.stat().st_mtime_ns for path in pathlib.Path(watched_run.folder).iterdir()} == before
