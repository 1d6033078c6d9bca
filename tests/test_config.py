"""Settings: validation, JSON and back."""

import dataclasses

import pytest

from deeplab_tf2.config import (
    DataConfig,
    InputError,
    ModelConfig,
    OptimizerConfig,
    RunConfig,
    RunOptions,
    element_type,
    read_json,
)


def test_round_trip_through_json(tmp_path):
    config = RunConfig(
        model=ModelConfig(model_variant="xception_65", atrous_rates=(6, 12), decoder_output_stride=()),
        data=DataConfig(dataset_dir="records", train_crop_size=(65, 97)),
        optimizer=OptimizerConfig(label_weights=(1.0, 2.5)),
        run=RunOptions(train_logdir="run"),
    )
    config.save(str(tmp_path))
    assert RunConfig.load(str(tmp_path)) == config
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]


def test_unknown_field_is_named():
    with pytest.raises(InputError, match="has no field model_varian"):
        ModelConfig.from_dict({"model_varian": "xception_65"})


def test_rates_follow_the_output_stride_unless_set():
    assert [ModelConfig(output_stride=stride).aspp_rates for stride in (8, 16, 32)] == [
        (12, 24, 36),
        (6, 12, 18),
        (3, 6, 9),
    ]
    assert ModelConfig(output_stride=8, atrous_rates=(1, 2)).aspp_rates == (1, 2)
    assert ModelConfig(atrous_rates=()).aspp_rates == ()


@pytest.mark.parametrize(
    ("config", "values", "told"),
    [
        (ModelConfig, {"output_stride": 4}, "legal are 8, 16, 32"),
        (ModelConfig, {"num_classes": 1}, "at least 2"),
        (ModelConfig, {"decoder_output_stride": (8,)}, "legal are 4"),
        (ModelConfig, {"batch_norm_decay": 1.0}, r"\[0, 1\)"),
        (ModelConfig, {"multi_grid": (1, 2)}, "3 rates"),
        (DataConfig, {"train_crop_size": (1, 2, 3)}, "height,width"),
        (DataConfig, {"min_scale_factor": 2.0, "max_scale_factor": 1.0}, "min <= max"),
        (DataConfig, {"resize_factor": 16}, "--min_resize_value"),
        (OptimizerConfig, {"base_learning_rate": 0.0}, "above 0"),
        (OptimizerConfig, {"learning_policy": "cosin"}, "poly or step"),
        (OptimizerConfig, {"label_weights": (-1.0,)}, "below 0"),
        (RunOptions, {"initial_weights": "coco"}, "imagenet"),
        (RunOptions, {"validation_steps": 0}, "at least 1"),
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


def test_element_types():
    assert element_type(tuple[int, ...] | None) == (int, True)
    assert element_type(float | None) == (float, False)
    assert element_type(bool) == (bool, False)


def test_missing_and_damaged_json_are_named(tmp_path):
    (tmp_path / "other.txt").write_text("")
    with pytest.raises(InputError, match=r"is not a run: it has no config.json \(found: other.txt\)"):
        read_json(str(tmp_path / "config.json"), "a run")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        read_json(str(tmp_path / "config.json"), "a run")
