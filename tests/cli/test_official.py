"""Published command lines: they run unchanged, or say what cannot be had."""

import re

import pytest
from absl import flags

from deeplab_tf2.cli import binding, run_flags, train
from deeplab_tf2.cli.eval import EvalConfig
from deeplab_tf2.cli.vis import VisConfig
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

# Every flag of the official train.py and common.py, at its default or at a value of published lines.
OFFICIAL = """--num_clones=1 --noclone_on_cpu --num_replicas=1 --startup_delay_steps=15 --num_ps_tasks=0 --task=0
--master= --train_logdir=run --log_steps=10 --save_interval_secs=1200 --save_summaries_secs=600
--nosave_summaries_images --profile_logdir=profile --optimizer=momentum --learning_policy=poly
--base_learning_rate=.0001 --decay_steps=0.0
--end_learning_rate=0.0 --learning_rate_decay_factor=0.1 --learning_rate_decay_step=2000 --learning_power=0.9
--training_number_of_steps=30000 --momentum=0.9 --adam_learning_rate=0.001 --adam_epsilon=1e-08 --train_batch_size=8
--weight_decay=0.00004 --train_crop_size=513,513 --last_layer_gradient_multiplier=1.0 --upsample_logits
--drop_path_keep_prob=1.0 --tf_initial_checkpoint=start --initialize_last_layer --nolast_layers_contain_logits_only
--slow_start_step=0 --slow_start_learning_rate=1e-4 --fine_tune_batch_norm --min_scale_factor=0.5 --max_scale_factor=2.
--scale_factor_step_size=0.25 --atrous_rates=6 --output_stride=16 --hard_example_mining_step=0
--top_k_percent_pixels=1.0 --quantize_delay_step=-1 --dataset=pascal_voc_seg --train_split=train --dataset_dir=records
--min_resize_value=400 --max_resize_value=600 --resize_factor=16 --keep_aspect_ratio --logits_kernel_size=1
--model_variant=mobilenet_v2 --image_pyramid=1 --add_image_level_feature --image_pooling_crop_size=321,321
--image_pooling_stride=1,1 --aspp_with_batch_norm --aspp_with_separable_conv --multi_grid=1 --multi_grid=2
--multi_grid=4 --depth_multiplier=1.0 --divisible_by=8 --decoder_output_stride=4 --decoder_use_separable_conv
--merge_method=max --prediction_with_upsampled_logits --dense_prediction_cell_json=
--nas_stem_output_num_conv_filters=20 --nonas_use_classification_head --nonas_remove_os32_stride
--nouse_bounded_activation --aspp_with_concat_projection --noaspp_with_squeeze_and_excitation --aspp_convs_filters=256
--nodecoder_use_sum_merge --decoder_filters=256 --nodecoder_output_is_logits --noimage_se_uses_qsigmoid
--label_weights=0.5 --label_weights=1.0 --batch_norm_decay=0.9997"""
RETIRED = {"num_replicas", "startup_delay_steps", "num_ps_tasks", "task", "master", "save_interval_secs"}
RETIRED |= {"save_summaries_secs", "profile_logdir", "keep_aspect_ratio"}


def test_every_official_training_flag_is_accepted():
    values = flags.FlagValues()
    binding.define(train.CONFIGS, values, train.OFFICIAL)
    assert values(["train", *OFFICIAL.split()]) == ["train"]
    told = binding.check_official(train.OFFICIAL, values)
    assert {line.split()[0].removeprefix("--") for line in told} == RETIRED
    assert any("TF_CONFIG" in line for line in told)
    given = binding.collect(train.CONFIGS, values)
    assert given[LossConfig]["label_weights"] == (0.5, 1.0) and given[OptimizerConfig]["adam_epsilon"] == 1e-8


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


# Every flag of the official eval.py and vis.py beside those of common.py, at its default.
WATCHERS = """--master= --checkpoint_dir=run --eval_interval_secs=300 --atrous_rates=6 --output_stride=16
--eval_scales=1.0 --noadd_flipped_images --quantize_delay_step=-1 --dataset=pascal_voc_seg --dataset_dir=records"""
OF_EVAL = (
    "--eval_logdir=eval --eval_batch_size=1 --eval_crop_size=513,513 --eval_split=val --max_number_of_evaluations=0"
)
OF_VIS = """--vis_logdir=vis --vis_batch_size=1 --vis_crop_size=513,513 --vis_split=val --max_number_of_iterations=0
--colormap_type=pascal --noalso_save_raw_predictions"""


@pytest.mark.parametrize(("config", "own"), [(EvalConfig, OF_EVAL), (VisConfig, OF_VIS)])
def test_every_official_flag_of_eval_and_vis_is_accepted(config, own):
    common = re.search(r"--min_resize_value.*--noimage_se_uses_qsigmoid", OFFICIAL, re.DOTALL)[0]
    given = binding.parse([*WATCHERS.split(), *own.split(), *common.split()], (config, ModelConfig), run_flags.OFFICIAL)
    config(**given[config])
    assert given[config]["eval_interval_secs"] == 300 and given[ModelConfig]["model_variant"] == "mobilenet_v2"


@pytest.mark.parametrize("flag", ["--quantize_delay_step=0"])
def test_what_cannot_be_had_is_refused(flag):
    with pytest.raises(InputError, match="is not supported; leave it out"):
        binding.parse([flag], tuple(train.SECTIONS.values()), train.OFFICIAL)
