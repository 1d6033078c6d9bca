"""The command train: settings from flags, a new run, a continued one, contradictions."""

import pytest

from deeplab_tf2.cli import binding, train
from deeplab_tf2.config import InputError, RunConfig

SMALL = """--depth_multiplier=0.35 --aspp_convs_filters=16 --decoder_filters=16 --train_crop_size=33
--train_batch_size=2 --log_steps=1 --validation_split=none"""


def given(*argv):
    return binding.parse([*SMALL.split(), *argv], tuple(train.SECTIONS.values()), train.OFFICIAL)


def test_a_run_from_flags_and_its_continuation(sample_records, tmp_path, capsys):
    where = [f"--dataset_dir={sample_records}", f"--train_logdir={tmp_path}/run"]
    assert train.command(given(*where, "--training_number_of_steps=1")) == 0
    told = capsys.readouterr().out
    assert "starting from random weights" in told and f"next: eval.py --checkpoint_dir={tmp_path}/run" in told
    assert RunConfig.load(f"{tmp_path}/run").model.num_classes == 5
    assert train.command(given(*where, "--training_number_of_steps=2")) == 0
    assert "resumed" in capsys.readouterr().out
    with pytest.raises(InputError, match="--momentum=0.5 contradicts the run .* which has momentum=0.9"):
        train.settle(given(*where, "--momentum=0.5"))


def test_missing_folders_are_asked_for(sample_records):
    with pytest.raises(InputError, match="--train_logdir is not set"):
        train.settle(given(f"--dataset_dir={sample_records}"))
    with pytest.raises(InputError, match="is not a converted dataset"):
        train.settle(given("--dataset_dir=nowhere", "--train_logdir=run"))


def test_another_class_list_than_the_runs_is_refused(sample_records, tmp_path):
    import json
    import shutil

    where = [f"--train_logdir={tmp_path}/run", "--training_number_of_steps=1"]
    train.command(given(f"--dataset_dir={sample_records}", *where))
    shutil.copytree(sample_records, tmp_path / "other")
    descriptor = json.loads((tmp_path / "other" / "descriptor.json").read_text())
    descriptor["class_names"][1] = "moon"
    (tmp_path / "other" / "descriptor.json").write_text(json.dumps(descriptor))
    with pytest.raises(InputError, match="not those that the run"):
        train.settle(given(f"--dataset_dir={tmp_path}/other", *where))
