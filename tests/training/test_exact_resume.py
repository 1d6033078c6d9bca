"""Runs that are stopped in every way, and end as if they had not been: weights, optimizer, random numbers and logs.

DEEPLAB_TF2_KILLS sets how often each network is killed; without it one network is, once. The moments are drawn from
DEEPLAB_TF2_KILL_SEED, which a failure tells.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from deeplab_tf2.checkpoints import files
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.train import OFFICIAL, SECTIONS, settle
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.training.csv_log import rows
from deeplab_tf2.training.fit import train
from deeplab_tf2.training.resuming import TRAIN_LOG, VALIDATION_LOG
from deeplab_tf2.training.signals import Interrupted

ROOT = pathlib.Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("DEEPLAB_TF2_KILLS", "0"))
SEED = int(os.environ.get("DEEPLAB_TF2_KILL_SEED", "0"))
SMALL = """--aspp_convs_filters=8 --decoder_filters=8 --train_crop_size=33 --train_batch_size=2 --keep=1
--training_number_of_steps=12 --log_steps=2 --validation_steps=5 --save_steps=4"""
NETWORKS = {
    "resnet_v1_18": "--model_variant=resnet_v1_18 --base_learning_rate=0.01 --photometric_augmentation=0.5",
    "mobilenet_v2": "--depth_multiplier=0.1 --base_learning_rate=0.05",
    "averages": "--depth_multiplier=0.1 --optimizer=adam --adam_learning_rate=0.01 --ema_decay=0.8",
}
# The first is the quickest to trace.
TRIED = list(NETWORKS) if KILLS else ["resnet_v1_18"]
MEASURED = ("images_per_second", "input_share")


def flags(name, records, folder):
    return [*SMALL.split(), *NETWORKS[name].split(), f"--dataset_dir={records}", f"--train_logdir={folder}"]


def go(name, records, folder, echo):
    config = settle(binding.parse(flags(name, records, folder), tuple(SECTIONS.values()), OFFICIAL))
    return train(config, load_descriptor(records), echo)


def kill(name, records, folder, rng):
    """Starts a run and kills it after some lines and a moment, if it is not done before; whether it was killed."""
    command = [sys.executable, str(ROOT / "deeplab_tf2" / "train.py"), *flags(name, records, folder)]
    # The third is that of the validation at step 5: then there is a checkpoint, and soon the next.
    lines = rng.integers(1, 6) if KILLS else 3
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            lines -= line.startswith("step ")
            if lines == 0:
                time.sleep(rng.uniform(0, 0.5))
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


def same(folder, expected):
    """Checks that two runs left the same files with the same content, apart from what they measured of time."""
    assert {path.name for path in folder.iterdir()} == {path.name for path in expected.iterdir()}
    step, path = files.latest(str(expected))
    found = contents(files.path_of(str(folder), step))
    for key, value in contents(path).items():
        assert found.pop(key) == value, key
    assert not found
    for log in (TRAIN_LOG, VALIDATION_LOG):
        one, other = (
            [[(key, value) for key, value in row.items() if key not in MEASURED] for row in rows(str(run / log))]
            for run in (folder, expected)
        )
        assert one == other and one
    assert json.loads((folder / "best.json").read_text()) == json.loads((expected / "best.json").read_text())


def contents(path):
    """The bytes of everything in a checkpoint, by name."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: np.asarray(item).tobytes()}) if hasattr(item, "shape") else None
        )
    # The state, too, in the order of its making.
    return {**found, "deeplab_tf2/state": json.dumps(files.state_of(path))}


@pytest.fixture(scope="module", params=TRIED)
def whole(request, sample_records, tmp_path_factory):
    """A network, and the folder of its run that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    go(request.param, sample_records, folder, print)
    return request.param, folder


def test_a_run_that_was_stopped_in_every_way_equals_one_that_was_not(whole, sample_records, tmp_path):
    name, expected = whole
    folder, rng = tmp_path / "run", np.random.default_rng(SEED)
    print(f"DEEPLAB_TF2_KILL_SEED={SEED}")
    kills, seen = 0, []
    while kills < max(KILLS, 1):
        if kill(name, sample_records, folder, rng):
            kills += 1
            seen.append(max(files.steps(str(folder)), default=0))
        else:
            same(folder, expected)
            shutil.rmtree(folder)
    print(f"{kills} kills, after the checkpoints of the steps {seen}")
    assert KILLS or max(seen) >= 4
    if KILLS:
        shutil.rmtree(folder)
        crash(name, sample_records, folder)
        interrupt(name, sample_records, folder)
    go(name, sample_records, folder, print)
    same(folder, expected)
    told = []
    go(name, sample_records, folder, told.append)
    assert told[-1].startswith(f"{folder} is already at step 12 of 12")
    same(folder, expected)


def crash(name, records, folder):
    """Lets a callback fail in the middle of a validation."""

    def echo(line):
        if line.startswith("step 5/12  validation"):
            raise RuntimeError("crashed")

    with pytest.raises(RuntimeError, match="crashed"):
        go(name, records, folder, echo)
    assert files.steps(str(folder)) == [4]


def interrupt(name, records, folder):
    """Sends a signal when a step is told of that is not saved."""
    told = []

    def echo(line):
        told.append(line)
        if line.startswith("step 6/12"):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted) as stopped:
        go(name, records, folder, echo)
    assert stopped.value.status == 130 and told[-1].startswith(f"SIGINT: saved {folder} at step 6 of 12")
    assert files.latest(str(folder))[0] == 6
