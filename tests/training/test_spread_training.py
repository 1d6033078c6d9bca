"""The same training in one process, on two devices of it, and in two processes; stopped, killed, and gone on with.

It is validated on the way, and what its files hold as weights are averages.
"""

import itertools
import pathlib
import signal
import time

import h5py
import numpy as np
import pytest
import workers

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import RunConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import training_dataset
from deeplab_tf2.training.csv_log import rows
from deeplab_tf2.training.resuming import TRAIN_LOG, VALIDATION_LOG

SCRIPT = pathlib.Path(__file__).resolve().parents[1] / "tiny_training.py"
STEPS = 40
# Without ASPP there is no dropout; the masks of a batch have unequal numbers of ignored pixels. If all classes weighed
# the same, so few steps would teach to answer background everywhere.
FLAGS = (
    "--model_variant=tiny --depth_multiplier=0.3 --noaspp_with_batch_norm --decoder_output_stride=none "
    "--output_stride=4 --batch_norm_decay=0.9 --train_crop_size=65 --train_batch_size=4 --min_scale_factor=0.2 "
    "--max_scale_factor=1 --base_learning_rate=0.003 --clip_gradient_norm=0.5 --ema_decay=0.9 "
    f"--label_weights=auto --training_number_of_steps={STEPS} --log_steps=1 --save_steps=4 --validation_steps=20"
).split()
TWO_CLONES = ["--clone_on_cpu", "--num_clones=2"]


def flags(records, folder, *more):
    return [*FLAGS, f"--dataset_dir={records}", f"--train_logdir={folder}", *more]


def start(records, folder, count, *more):
    return workers.start(SCRIPT, flags(records, folder, *more), count)


def start_both(records, folder, count, *more):
    """A run whose batch norm is trained, and one with statistics as they were at its end."""
    trained, frozen = folder / "trained", folder / "frozen"
    begun = (f"--tf_initial_checkpoint={trained}", "--fine_tune_batch_norm=false", "--initialize_last_layer=true")
    both = [*flags(records, trained, *more), ",", *flags(records, frozen, *begun, *more)]
    return workers.start(SCRIPT, both, count)


def ended(processes, *statuses):
    outcome = workers.outcome(processes)
    assert [status for _, status in outcome] == list(statuses), outcome
    return [text for text, _ in outcome]


@pytest.fixture(scope="module")
def runs(sample_records, tmp_path_factory):
    """Folder with the runs `one` and `clones`, each with `trained` and `frozen`."""
    folder = tmp_path_factory.mktemp("runs")
    ended(start_both(sample_records, folder / "one", 1), 0)
    (text,) = ended(start_both(sample_records, folder / "clones", 1, *TWO_CLONES), 0)
    assert f"training tiny for steps 0 to {STEPS} on 2 devices" in text
    return folder


def losses(run):
    return [float(row["loss"]) for row in rows(str(run / TRAIN_LOG))]


def validations(run):
    return [(int(row["step"]), float(row["mIoU"])) for row in rows(str(run / VALIDATION_LOG))]


def variables(run, step=STEPS):
    """All that a checkpoint holds, by path."""
    with h5py.File(files.path_of(str(run), step)) as file:
        found = {}
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return {name: value for name, value in found.items() if not name.endswith("/state")}


@pytest.mark.parametrize("kind", ["trained", "frozen"])
def test_two_devices_take_the_steps_of_one(runs, kind):
    one, two = runs / "one" / kind, runs / "clones" / kind
    assert len(losses(one)) == STEPS
    np.testing.assert_allclose(losses(two), losses(one), atol=1e-5)
    (halfway, before), (end, after) = validations(one)
    assert (halfway, end) == (20, 40) and before != after
    np.testing.assert_allclose(validations(two), validations(one), atol=1e-4)
    expected = variables(one)
    for name, value in variables(two).items():
        # The momentum is the difference of large numbers.
        np.testing.assert_allclose(value, expected[name], atol=1e-3 if "optimizer" in name else 1e-4, err_msg=name)


def test_the_devices_had_unequal_numbers_of_valid_pixels(runs, sample_records):
    config = RunConfig.load(str(runs / "one" / "trained"))
    batches = itertools.islice(training_dataset(config.data, load_descriptor(sample_records)), 4)
    valid = [[int((part != 255).numpy().sum()) for part in (label[:2], label[2:])] for _, label in batches]
    assert any(abs(one - other) > 0.1 * one for one, other in valid)


def when(run, step, process, number):
    """Sends a signal to a process when a run has a checkpoint of `step`."""
    while not [saved for saved in files.steps(str(run)) if saved >= step]:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)


def test_two_workers_do_as_two_devices_through_a_signal_and_a_kill(runs, sample_records, tmp_path):
    run = tmp_path / "run"
    processes = start(sample_records, run, 2)
    when(run, 4, processes[1], signal.SIGTERM)
    chief, _ = ended(processes, 143, 143)
    stopped = files.steps(str(run))[-1]
    assert f"SIGTERM: saved {run} at step {stopped} of {STEPS}" in chief and stopped < STEPS - 8
    processes = start(sample_records, run, 2)
    when(run, stopped + 4, processes[1], signal.SIGKILL)
    chief, _ = ended(processes, 2, -signal.SIGKILL)
    assert "worker 0 of 2 stops, for it has lost another one" in chief and "Traceback" not in chief
    killed = files.steps(str(run))[-1]
    assert stopped < killed < STEPS
    chief, other = ended(start(sample_records, run, 2), 0, 0)
    assert f"training tiny for steps {killed} to {STEPS} on 2 devices of 2 workers" in chief
    assert f"step {STEPS}/{STEPS}" in chief and "training" not in other and "step" not in other
    whole = runs / "clones" / "trained"
    # The loss that is told is summed otherwise between processes: the last bit may differ, of no gradient.
    np.testing.assert_allclose(losses(run), losses(whole), rtol=2e-7)
    assert validations(run) == validations(whole)
    assert (run / "best.json").read_text() == (whole / "best.json").read_text()
    for name, value in variables(whole).items():
        np.testing.assert_array_equal(variables(run)[name], value, err_msg=name)
