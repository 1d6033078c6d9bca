"""Batch norm statistics are trained where that can work, and the choice is told."""

import numpy as np
import pytest
from tf1_files import write_checkpoint

from deeplab_tf2.config import (
    DataConfig,
    InputError,
    MachineConfig,
    ModelConfig,
    OptimizerConfig,
    RunConfig,
    RunOptions,
)
from deeplab_tf2.training.batch_norm_rule import batch_norm_decay, trains_statistics


def run(model=None, optimizer=None, start=None, images=8, parts=1):
    return RunConfig(
        ModelConfig(**(model or {})),
        DataConfig(train_batch_size=images),
        optimizer=OptimizerConfig(**(optimizer or {})),
        machine=MachineConfig(gradient_accumulation_steps=parts),
        run=RunOptions(**(start or {})),
    )


def test_statistics_are_frozen_when_a_checkpoint_has_them_and_few_images_are_seen(tiny_run, tmp_path):
    assert trains_statistics(run())[0] is True
    start = {"tf_initial_checkpoint": tiny_run}
    assert trains_statistics(run(start=start)) == (False, "the checkpoint has them all; 8 images at a time are few")
    assert trains_statistics(run(start=start, images=16))[0] is True
    assert trains_statistics(run(start=start, images=16, parts=2))[0] is False
    assert trains_statistics(run(start={**start, "initialize_last_layer": False}))[0] is True
    logits = {**start, "initialize_last_layer": False, "last_layers_contain_logits_only": True}
    assert trains_statistics(run(start=logits))[0] is False
    backbone = write_checkpoint(tmp_path / "model.ckpt", {"MobilenetV2/Conv/weights": np.zeros((3, 3, 3, 32))})
    assert trains_statistics(run(start={"tf_initial_checkpoint": backbone}))[0] is True
    assert trains_statistics(run(start={"initial_weights": "imagenet"}))[0] is True


def test_statistics_are_as_the_flag_says(tiny_run):
    for wish in (True, False):
        config = run({"fine_tune_batch_norm": wish}, start={"tf_initial_checkpoint": tiny_run})
        assert trains_statistics(config) == (wish, "as --fine_tune_batch_norm says")
    with pytest.raises(InputError, match="starts from random weights"):
        trains_statistics(run({"fine_tune_batch_norm": False}))


def test_statistics_that_nobody_trained_stay_frozen(tmp_path):
    folded = {"MobilenetV2/Conv/BatchNorm/moving_mean": np.zeros(3), "logits/semantic/biases": np.zeros(3)}
    folded["MobilenetV2/Conv/BatchNorm/moving_variance"] = np.ones(3)
    start = {"tf_initial_checkpoint": write_checkpoint(tmp_path / "model.ckpt", folded)}
    frozen = (False, "the checkpoint has them folded into its kernels")
    assert trains_statistics(run(start=start, images=32)) == frozen
    run({"fine_tune_batch_norm": False}).save(str(tmp_path))
    trained, reason = trains_statistics(run(start={"tf_initial_checkpoint": str(tmp_path)}, images=32))
    assert not trained and "kept them frozen" in reason


def test_batch_norm_decay_follows_the_length_of_the_run():
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 1_000})) == pytest.approx(0.99)
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 90_000})) is None
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 1})) == 0.5
    assert batch_norm_decay(run({"batch_norm_decay": 0.9})) == 0.9
