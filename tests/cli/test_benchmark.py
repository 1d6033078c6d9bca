"""The command benchmark measures what it says, on something small."""

import pytest

from deeplab_tf2.cli import benchmark, binding
from deeplab_tf2.config import InputError, MachineConfig, ModelConfig

CONFIGS = (benchmark.BenchmarkConfig, ModelConfig, MachineConfig)


def run(*argv):
    benchmark.command(binding.parse(argv, CONFIGS))


def test_network(capsys):
    run("--crop_size=33", "--batch_size=1", "--repeats=1", "--depth_multiplier=0.35", "--aspp_convs_filters=8")
    told = capsys.readouterr().out
    assert "GFLOP/s" in told and "prediction, batch 1" in told and "training, batch 1" in told


def test_training_needs_records():
    with pytest.raises(InputError, match="give --dataset_dir"):
        run("--training")


def test_several_devices_are_refused():
    with pytest.raises(InputError, match="one device is measured"):
        run("--num_clones=2")


def test_illegal_sizes():
    with pytest.raises(InputError, match="at least 1 each"):
        run("--crop_size=0")
