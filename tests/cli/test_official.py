"""Published command lines: they run unchanged, or say what cannot be had."""

import pytest

from deeplab_tf2.cli import binding, run_flags, train
from deeplab_tf2.cli.eval import EvalConfig
from deeplab_tf2.config import (
    DataConfig,
    InputError,
    LossConfig,
    MachineConfig,
    ModelConfig,
    OptimizerConfig,
    RunOptions,
)

TRAIN = """--training_number_of_steps=90000 --train_split=train --model_variant=xception_65 --atrous_rates=6
--atrous_rates=12 --atrous_rates=18 --output_stride=16 --decoder_output_stride=4 --train_crop_size=769
--train_crop_size=769 --train_batch_size=1 --dataset=cityscapes --num_clones=1 --optimizer=momentum
--fine_tune_batch_norm=false --top_k_percent_pixels=1.0 --image_pyramid=1 --initialize_last_layer=false"""
EVAL = """--eval_split=val --model_variant=xception_65 --atrous_rates=6 --atrous_rates=12 --atrous_rates=18
--output_stride=16 --decoder_output_stride=4 --eval_crop_size=513 --eval_crop_size=513 --checkpoint_dir=run
--eval_logdir=eval --dataset_dir=records --max_number_of_evaluations=1 --eval_scales=1.0"""


def test_a_published_training_line():
    given = binding.parse(TRAIN.split(), tuple(train.SECTIONS.values()), train.OFFICIAL)
    assert given[ModelConfig]["atrous_rates"] == (6, 12, 18)
    assert given[ModelConfig]["decoder_output_stride"] == (4,)
    assert given[DataConfig] == {
        "train_split": "train",
        "train_crop_size": (769, 769),
        "train_batch_size": 1,
        "dataset": "cityscapes",
    }
    assert given[OptimizerConfig] == {"training_number_of_steps": 90_000, "optimizer": "momentum"}
    assert given[LossConfig] == {"top_k_percent_pixels": 1.0}
    assert given[MachineConfig] == {"num_clones": 1}
    assert given[RunOptions] == {"initialize_last_layer": False}


def test_a_published_evaluation_line():
    given = binding.parse(EVAL.split(), (EvalConfig, ModelConfig), run_flags.OFFICIAL)
    assert given[EvalConfig]["eval_crop_size"] == (513, 513)


@pytest.mark.parametrize("flag", ["--quantize_delay_step=0"])
def test_what_cannot_be_had_is_refused(flag):
    with pytest.raises(InputError, match="is not supported; leave it out"):
        binding.parse([flag], tuple(train.SECTIONS.values()), train.OFFICIAL)
