"""The command train: settings from flags, a new run, a continued one, contradictions."""

import json
import os
import shutil
import signal
import threading
import time

import numpy as np
import pytest
import toy_run
from tf1_files import write_checkpoint

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.names import official_name
from deeplab_tf2.cli import binding, train
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.inference.loading import load_run
from deeplab_tf2.training.csv_log import rows

SMALL = """--depth_multiplier=0.35 --aspp_convs_filters=16 --decoder_filters=16 --train_crop_size=33
--train_batch_size=2 --log_steps=1 --validation_split=none"""


def given(*argv):
    return binding.parse([*SMALL.split(), *argv], tuple(train.SECTIONS.values()), train.OFFICIAL)


def terminate_after(log, step):
    """Sends SIGTERM to this process once a log tells of a step."""
    while step not in [row["step"] for row in rows(str(log))]:
        time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_run_from_flags_and_its_continuation(sample_records, tmp_path, capsys):
    where = [f"--dataset_dir={sample_records}", f"--train_logdir={tmp_path}/run", "--label_weights=auto"]
    assert train.command(given(*where, "--training_number_of_steps=1")) == 0
    told = capsys.readouterr().out
    weights = RunConfig.load(f"{tmp_path}/run").loss.label_weights
    assert len(weights) == 5 and f"label weights: background {weights[0]:g}, disk {weights[1]:g}" in told
    assert "starting from random weights" in told and f"next: eval.py --checkpoint_dir={tmp_path}/run" in told
    assert RunConfig.load(f"{tmp_path}/run").model.num_classes == 5
    log = tmp_path / "run" / "train_log.csv"
    terminator = threading.Thread(target=terminate_after, args=(log, "3"), daemon=True)
    terminator.start()
    assert train.command(given(*where, "--training_number_of_steps=1000")) == 143
    terminator.join(60)
    told = capsys.readouterr().out
    assert "resumed" in told and f"SIGTERM: saved {tmp_path}/run at step {load_run(f'{tmp_path}/run').step}" in told
    assert RunConfig.load(f"{tmp_path}/run").loss.label_weights == weights
    with pytest.raises(InputError, match="--momentum=0.5 contradicts the run .* which has momentum=0.9"):
        train.settle(given(*where, "--momentum=0.5"))


def test_a_start_from_an_official_checkpoint(sample_records, tmp_path, capsys):
    source = DeepLab(ModelConfig(**given()[ModelConfig], num_classes=7))
    weights = {official_name(weight.path, "mobilenet_v2"): np.array(weight) for weight in source.weights}
    prefix = write_checkpoint(tmp_path / "model.ckpt-30000", {**weights, "global_step": np.int64(30000)})
    where = [f"--dataset_dir={sample_records}", f"--train_logdir={tmp_path}/run", "--training_number_of_steps=1"]
    assert train.command(given(*where, f"--tf_initial_checkpoint={prefix}", "--base_learning_rate=1e-30")) == 0
    told = capsys.readouterr().out
    assert "logits" in told and "7 classes" in told and "batch norm statistics are frozen" in told
    trained = load_run(f"{tmp_path}/run").model
    np.testing.assert_allclose(trained.aspp.projection.conv.kernel, weights["concat_projection/weights"])
    with pytest.raises(InputError, match="this checkpoint has depth_multiplier 0.35, this network 0.5"):
        where[1] += "2"
        train.command(given(*where, f"--tf_initial_checkpoint={prefix}", "--depth_multiplier=0.5"))


def test_missing_folders_are_asked_for(sample_records, tmp_path):
    with pytest.raises(InputError, match="--dataset_dir is not set"):
        train.settle(given())
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file is a file: give a folder"):
        train.settle(given("--dataset_dir=d", f"--train_logdir={tmp_path}/file"))
    with pytest.raises(InputError, match="--train_logdir is not set"):
        train.settle(given(f"--dataset_dir={sample_records}"))
    with pytest.raises(InputError, match="is not a converted dataset"):
        train.settle(given("--dataset_dir=nowhere", "--train_logdir=run"))


def test_another_class_list_than_the_runs_is_refused(watched_run, sample_records, tmp_path):
    shutil.copytree(sample_records, tmp_path / "other")
    descriptor = json.loads((tmp_path / "other" / "descriptor.json").read_text())
    descriptor["class_names"][1] = "moon"
    (tmp_path / "other" / "descriptor.json").write_text(json.dumps(descriptor))
    where = [f"--dataset_dir={tmp_path}/other", f"--train_logdir={watched_run.folder}"]
    with pytest.raises(InputError, match="not those that the run"):
        train.settle(binding.parse(where, tuple(train.SECTIONS.values()), train.OFFICIAL))


def test_what_follows_from_other_settings_follows_when_a_run_is_continued(watched_run, sample_records):
    where = [f"--dataset_dir={sample_records}", f"--train_logdir={watched_run.folder}"]
    asked = ["--validation_steps=none", "--save_steps=none", "--training_number_of_steps=500"]
    run = train.settle(binding.parse([*where, *asked], tuple(train.SECTIONS.values()), train.OFFICIAL)).run
    assert (run.validation_steps, run.save_steps, run.validation_split) == (50, 50, "val")
    with pytest.raises(InputError, match="--validation_split=night: the dataset has train, val"):
        train.settle(binding.parse([*where, "--validation_split=night"], tuple(train.SECTIONS.values())))


def test_a_split_that_cannot_be_scored_is_refused_before_the_first_step(tmp_path):
    records = toy_run.make_records(tmp_path)
    flags = [f"--dataset_dir={records}", f"--train_logdir={tmp_path}/run", "--train_split=val"]
    with pytest.raises(
        InputError, match="'test' cannot be validated on; --validation_split=none .*:\n  .* has no mask"
    ):
        train.command(given(*flags, "--validation_split=test", "--training_number_of_steps=2"))
