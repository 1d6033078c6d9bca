"""Whole runs on a small sample set: learning, and starting from a checkpoint."""

import numpy as np
import pytest
import toys

from deeplab_tf2.config import DataConfig, ModelConfig, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.evaluation.evaluate import evaluate
from deeplab_tf2.training import setup
from deeplab_tf2.training.fit import train


def settings(records, folder, steps, model=None, data=None, optimizer=None, **run):
    config = RunConfig(
        ModelConfig(**{"depth_multiplier": 0.35, "aspp_convs_filters": 16, "decoder_filters": 16, **(model or {})}),
        DataConfig(**{"dataset_dir": records, "train_crop_size": (65, 65), "train_batch_size": 4, **(data or {})}),
        optimizer=OptimizerConfig(training_number_of_steps=steps, **{"base_learning_rate": 0.05, **(optimizer or {})}),
        run=RunOptions(**{"train_logdir": str(folder), "log_steps": 2, "validation_split": "", **run}),
    )
    return setup.resolved(config, load_descriptor(records))


def run(config):
    lines = []
    model = train(config, load_descriptor(config.data.dataset_dir), lines.append)
    return model, lines


def test_a_run_leaves_its_settings_and_logs(sample_records, tmp_path):
    config = settings(sample_records, tmp_path, 2, validation_split="val")
    _, lines = run(config)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "config.json", "descriptor.json", "model-00000001.weights.h5", "model-00000002.weights.h5",
        "train_log.csv", "validation_log.csv", "best.json", "curves.png", "report.html",
    }  # fmt: skip
    assert RunConfig.load(str(tmp_path)) == config
    assert any("validation mIoU" in line for line in lines) and not any("nothing is" in line for line in lines)


def test_statistics_from_a_checkpoint_stay_while_weights_move(sample_records, tmp_path):
    first, lines = run(settings(sample_records, tmp_path / "first", 2, save_summaries_images=True))
    assert any("nothing is validated" in line for line in lines)
    assert "--save_summaries_images writes nothing without --tensorboard" in lines
    config = settings(sample_records, tmp_path / "second", 2, tf_initial_checkpoint=str(tmp_path / "first"))
    second, lines = run(config)
    assert any(line.startswith("weights from") for line in lines)
    assert config.model.fine_tune_batch_norm is False
    norms = [model.aspp.projection.batch_norm for model in (first, second)]
    np.testing.assert_array_equal(norms[0].moving_mean, norms[1].moving_mean)
    assert not np.array_equal(norms[0].gamma, norms[1].gamma)


@pytest.mark.slow
def test_overfitting_a_handful_of_photos(tmp_path):
    records = toys.sample_records(tmp_path, train_images=4, val_images=1)
    config = settings(
        records,
        tmp_path / "run",
        200,
        model={"depth_multiplier": 0.5, "aspp_convs_filters": 64, "decoder_filters": 64, "weight_decay": 0.0},
        data={"train_crop_size": (193, 193), "min_scale_factor": 1.0, "max_scale_factor": 1.0},
        save_steps=200,
    )
    model, _ = run(config)
    descriptor = load_descriptor(records)
    scores = evaluate(model, evaluation_dataset(records, "train", descriptor), 5, 255)
    assert scores.miou > 0.95
