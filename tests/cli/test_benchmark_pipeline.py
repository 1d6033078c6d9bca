"""The pipeline is measured against equal batches, and says so."""

import re

import pytest

from deeplab_tf2.cli import benchmark, benchmark_pipeline, binding
from deeplab_tf2.config import DataConfig, MachineConfig, ModelConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import training_dataset


def test_rates_and_ratios_are_told(sample_records, capsys, monkeypatch):
    monkeypatch.setattr(benchmark_pipeline, "_SECONDS", 0.05)
    flags = ["--crop_size=33,49", "--batch_size=2", "--repeats=1", "--depth_multiplier=0.35", "--aspp_convs_filters=8"]
    given = binding.parse(
        [*flags, f"--dataset_dir={sample_records}"], (benchmark.BenchmarkConfig, ModelConfig, MachineConfig)
    )
    benchmark.command(given)
    told = capsys.readouterr().out
    assert "crop 33 x 49, batch 2, 1 rounds" in told and "labels are equal" in told
    rates = re.findall(r"  ([\w ]+): (\d+) images/s", told)
    assert [name for name, _ in rates] == [
        "whole pipeline",
        "chain of official operations",
        "decoding alone",
        "training mobilenet_v2",
    ]
    assert all(int(rate) > 0 for _, rate in rates) and len(re.findall(r"the pipeline is [\d.]+ times", told)) == 3


@pytest.mark.parametrize("crop", [(65, 65), (241, 97)])
def test_the_chain_gives_the_batches_of_the_pipeline(sample_records, crop):
    config = DataConfig(dataset_dir=sample_records, train_crop_size=crop, train_batch_size=5)
    descriptor = load_descriptor(sample_records)
    chain = benchmark_pipeline.official_chain(config, descriptor)
    assert benchmark_pipeline.largest_difference(training_dataset(config, descriptor), chain) < 1e-4
    other = training_dataset(config.replace(seed=1), descriptor)
    with pytest.raises(AssertionError):
        benchmark_pipeline.largest_difference(other, chain)
