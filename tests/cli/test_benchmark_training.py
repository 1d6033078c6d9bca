"""Training steps are measured as they are, and each network in a process of its own."""

import os
import re

import pytest

from deeplab_tf2.cli import benchmark, benchmark_training, binding
from deeplab_tf2.config import InputError, MachineConfig, ModelConfig


def run(*argv):
    benchmark.command(binding.parse(argv, (benchmark.BenchmarkConfig, ModelConfig, MachineConfig)))


def test_a_line_for_each_network_and_size(sample_records, capsys, monkeypatch):
    # Starting TensorFlow again takes longer than all that is measured here.
    monkeypatch.setattr(benchmark_training, "in_own_process", lambda function, *arguments: function(*arguments))
    small = ["--depth_multiplier=0.1", "--aspp_convs_filters=8", "--decoder_filters=8", "--decoder_output_stride=none"]
    run(
        "--training", f"--dataset_dir={sample_records}", "--training_variants=mobilenet_v3_small_seg",
        "--training_sizes=33x2", "--repeats=1", "--parallel_reads=1", *small,
    )  # fmt: skip
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith("mobilenet_v3_small_seg, crop 33, batch 2, float32:")
    images, share, matrix = (
        float(x) for x in re.search(r": ([\d.]+) images/s; ([\d.]+) of .* \((\d+) GF", told).groups()
    )
    assert images > 0 and matrix > 1 and share < 1
    waited, work = (float(x) for x in re.findall(r"([\d.]+) %", told))
    assert 0 <= waited <= 100 and work > 0 and re.search(r"at most [\d.]+ GB of the process", told)


def test_efficiency_counts_three_passes_of_two_operations():
    found = benchmark_training.Measured(2.0, 0.0, 0.0, None, matrix=120.0, multiply_adds=5_000_000_000)
    assert found.efficiency == pytest.approx(2 * 3 * 5 * 2 / 120)


def test_a_process_of_its_own():
    assert benchmark_training.in_own_process(os.getpid) not in (os.getpid(), os.getppid())
    with pytest.raises(InputError, match="ended, most likely for its memory"):
        benchmark_training.in_own_process(os._exit, 9)
    with pytest.raises(InputError, match="513"):
        benchmark_training.in_own_process(benchmark_training._size, "513")


@pytest.mark.parametrize("size", ["513", "x2", "0x1", "513,2", "-1x2"])
def test_sizes_that_cannot_be_read(size, sample_records):
    with pytest.raises(InputError, match="write 513x2"):
        run("--training", f"--dataset_dir={sample_records}", f"--training_sizes={size}")
