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
from deeplab_tf2.training.batch_norm_rule import batch_norm_decay, frozen_statistics, told


def run(model=None, optimizer=None, start=None, images=8, parts=1):
    return RunConfig(
        ModelConfig(**(model or {})),
        DataConfig(train_batch_size=images),
        optimizer=OptimizerConfig(**(optimizer or {})),
        machine=MachineConfig(gradient_accumulation_steps=parts),
        run=RunOptions(**(start or {})),
    )


ALL = ("backbone", "aspp", "decoder")


def test_statistics_are_frozen_when_a_checkpoint_has_them_and_few_images_are_seen(tiny_run):
    assert frozen_statistics(run()) == ((), "random weights have none yet; 8 images at a time are few")
    start = {"tf_initial_checkpoint": tiny_run}
    frozen = frozen_statistics(run(start=start))
    assert frozen == (ALL, "the checkpoint has them; 8 images at a time are few")
    assert frozen_statistics(run(start=start, images=16))[0] == ()
    assert frozen_statistics(run(start=start, images=16, parts=2)) == frozen


def test_parts_that_a_checkpoint_does_not_fill_are_trained(tiny_run, tmp_path):
    backbone = write_checkpoint(tmp_path / "model.ckpt", {"MobilenetV2/Conv/weights": np.zeros((3, 3, 3, 32))})
    anew = {"tf_initial_checkpoint": tiny_run, "initialize_last_layer": False}
    for start in ({"tf_initial_checkpoint": backbone}, {"initial_weights": "imagenet"}, anew):
        reason = "the checkpoint has no others; 8 images at a time are few"
        assert frozen_statistics(run(start=start)) == (("backbone",), reason)
        assert frozen_statistics(run(start=start, images=16))[0] == ()
    logits = {**anew, "last_layers_contain_logits_only": True}
    assert frozen_statistics(run(start=logits))[0] == ALL


def test_statistics_are_as_the_flags_say(tiny_run):
    start = {"tf_initial_checkpoint": tiny_run}
    for wish, frozen in ((True, ()), (False, ALL)):
        config = run({"fine_tune_batch_norm": wish}, start=start)
        assert frozen_statistics(config) == (frozen, f"as --fine_tune_batch_norm={str(wish).lower()} says")
    some = {"frozen_batch_norm": ("backbone",)}
    assert frozen_statistics(run(some, start=start)) == (("backbone",), "as --frozen_batch_norm=backbone says")
    assert frozen_statistics(run({"frozen_batch_norm": ()}, start=start))[1] == "as --frozen_batch_norm=none says"
    for wish in ({"fine_tune_batch_norm": False}, some):
        with pytest.raises(InputError, match="starts from random weights"):
            frozen_statistics(run(wish))
    with pytest.raises(InputError, match="give one of the two"):
        frozen_statistics(run({**some, "fine_tune_batch_norm": True}, start=start))


def test_statistics_that_nobody_trained_stay_frozen(tmp_path):
    folded = {"MobilenetV2/Conv/BatchNorm/moving_mean": np.zeros(3), "logits/semantic/biases": np.zeros(3)}
    folded["MobilenetV2/Conv/BatchNorm/moving_variance"] = np.ones(3)
    start = {"tf_initial_checkpoint": write_checkpoint(tmp_path / "model.ckpt", folded)}
    frozen = (("backbone",), "the checkpoint has them folded into its kernels")
    assert frozen_statistics(run(start=start, images=32)) == frozen
    kept = {"tf_initial_checkpoint": str(tmp_path)}
    for model, parts in (({"fine_tune_batch_norm": False}, ALL), ({"frozen_batch_norm": ("aspp",)}, ("aspp",))):
        run(model).save(str(tmp_path))
        frozen, reason = frozen_statistics(run(start=kept, images=32))
        assert frozen == parts and "kept them frozen" in reason
    assert frozen_statistics(run(start=kept))[0] == ALL


def test_what_is_trained_is_told():
    assert told(run().model) == "trained"
    assert told(run({"fine_tune_batch_norm": False}).model) == "frozen"
    some = run({"frozen_batch_norm": ("backbone", "aspp")}).model
    assert told(some) == "frozen in backbone and aspp, trained in decoder"
    assert told(run().model, freeze_backbone=True) == "frozen in backbone, trained in aspp and decoder"
    assert told(run({"frozen_batch_norm": ("aspp", "decoder")}).model, freeze_backbone=True) == "frozen"


def test_batch_norm_decay_follows_the_length_of_the_run():
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 1_000})) == pytest.approx(0.99)
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 90_000})) is None
    assert batch_norm_decay(run(optimizer={"training_number_of_steps": 1})) == 0.5
    assert batch_norm_decay(run({"batch_norm_decay": 0.9})) == 0.9
