"""The settings of a run: validation, JSON and back."""

import dataclasses

import pytest

from deeplab_tf2.config import DataConfig, InputError, ModelConfig, OptimizerConfig, RunConfig, RunOptions


def test_round_trip_through_json(tmp_path):
    config = RunConfig(
        model=ModelConfig(model_variant="xception_65", atrous_rates=(6, 12), decoder_output_stride=()),
        data=DataConfig(dataset_dir="records", train_crop_size=(65, 97)),
        optimizer=OptimizerConfig(momentum=0.5),
        run=RunOptions(train_logdir="run"),
    )
    config.save(str(tmp_path))
    assert RunConfig.load(str(tmp_path)) == config
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


@pytest.mark.parametrize(
    ("config", "values", "told"),
    [
        (DataConfig, {"train_crop_size": (1, 2, 3)}, "height,width"),
        (DataConfig, {"min_scale_factor": 2.0, "max_scale_factor": 1.0}, "min <= max"),
        (DataConfig, {"resize_factor": 16}, "--min_resize_value"),
        (RunOptions, {"initial_weights": "coco"}, "imagenet"),
        (RunOptions, {"validation_steps": 0}, "at least 1"),
        (RunOptions, {"early_stopping": 3, "validation_split": "none"}, "early_stopping is 3; it counts validations"),
    ],
)
def test_illegal_values_are_refused_in_words(config, values, told):
    with pytest.raises(InputError, match=told):
        config(**values)


def test_one_crop_side_means_a_square():
    assert DataConfig(train_crop_size=(65,)).train_crop_size == (65, 65)


def test_every_field_has_help():
    for config in (ModelConfig, DataConfig, OptimizerConfig, RunOptions):
        for field in dataclasses.fields(config):
            assert field.metadata["help"].endswith("."), field.name
