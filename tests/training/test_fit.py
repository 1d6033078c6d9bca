"""Whole runs on a small sample set: learning, and starting from a checkpoint."""

import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf
import toys
from watched import small, watch

from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.data.record_tensors import decode_image
from deeplab_tf2.data.records import Records
from deeplab_tf2.evaluation.evaluate import evaluate
from deeplab_tf2.inference.loading import load_run
from deeplab_tf2.training.fit import in_plain_words


def test_a_run_leaves_its_settings_and_logs(watched_run):
    names = {path.name for path in pathlib.Path(watched_run.folder).iterdir() if "tfevents" not in path.name}
    assert names == {
        "config.json", "descriptor.json", "model-00000004.weights.h5", "model-00000008.weights.h5",
        "train_log.csv", "validation_log.csv", "best.json", "curves.png", "report.html", ".train.lock",
    }  # fmt: skip
    assert RunConfig.load(watched_run.folder) == watched_run.config
    lines = watched_run.lines
    assert any("validation mIoU" in line for line in lines) and not any("nothing is" in line for line in lines)


def test_statistics_from_a_checkpoint_stay_while_weights_move(watched_run, sample_records, tmp_path):
    start = {"tf_initial_checkpoint": watched_run.folder, "validation_split": "none", "save_summaries_images": True}
    second = watch(small(sample_records, tmp_path / "second", 2, run=start, optimizer={"ema_decay": 0.5}))
    assert any(line.startswith("weights from") for line in second.lines)
    assert any("nothing is validated" in line for line in second.lines)
    assert "--save_summaries_images writes nothing without --tensorboard" in second.lines
    assert second.config.model.fine_tune_batch_norm is False
    norms = [run.model.aspp.projection.batch_norm for run in (watched_run, second)]
    np.testing.assert_array_equal(norms[0].moving_mean, norms[1].moving_mean)
    assert not np.array_equal(norms[0].gamma, norms[1].gamma)
    # What is returned is what was saved: the averages of the weights.
    for returned, saved in zip(second.model.get_weights(), load_run(second.folder).model.get_weights(), strict=True):
        np.testing.assert_array_equal(returned, saved)


def test_what_fails_under_way_is_told_without_the_graph(sample_records):
    records = Records(sample_records, "train")
    # A folder opens like a file; reading it fails as a lost disk does.
    opened = os.open(sample_records, os.O_RDONLY)
    os.dup2(opened, records._files[0])
    os.close(opened)
    told = r"^training stopped: \S*/train-00000-of-00002.tfrecord: cannot be read \(.*\)$"
    with pytest.raises(InputError, match=told), in_plain_words(RunConfig()):
        list(tf.data.Dataset.range(len(records)).map(records.read_op))
    told = "^training stopped: jpeg::Uncompress failed. Invalid JPEG data .*; if a record .* check_dataset.py"
    with pytest.raises(InputError, match=told), in_plain_words(RunConfig()):
        list(tf.data.Dataset.from_tensors(b"\xff\xd8\xff").map(decode_image))


@pytest.mark.slow
def test_overfitting_a_handful_of_photos(tmp_path):
    records = toys.sample_records(tmp_path, train_images=4, val_images=1)
    config = small(
        records,
        tmp_path / "run",
        140,
        model={"depth_multiplier": 0.5, "aspp_convs_filters": 64, "decoder_filters": 64, "weight_decay": 0.0},
        data={
            "train_crop_size": (193, 193),
            "train_batch_size": 4,
            "min_scale_factor": 1.0,
            "max_scale_factor": 1.0,
        },
        optimizer={"base_learning_rate": 0.05},
        run={"validation_split": "none", "save_steps": 140},
    )
    model = watch(config).model
    descriptor = load_descriptor(records)
    scores = evaluate(model, evaluation_dataset(records, "train", descriptor), 5, 255)
    assert scores.miou > 0.95
