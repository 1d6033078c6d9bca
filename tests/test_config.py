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


def test_official_options_by_their_names_and_defaults():
    config = ModelConfig.from_official({"model_variant": "xception_65", "num_classes": 19, "crop_size": [513, 513]})
    assert config == ModelConfig(
        "xception_65", num_classes=19, output_stride=8, atrous_rates=(), decoder_output_stride=()
    )
    config = ModelConfig.from_official(
        {
            "model_variant": "nas_hnasnet",
            "decoder_output_stride": 4,
            "nas_architecture_options": {"nas_stem_output_num_conv_filters": 12},
            "dense_prediction_cell_config": [{"op": "conv", "kernel": 1, "input": -1}],
            "image_pyramid": [0.5, 1],
            "crop_size": None,
            "image_pooling_crop_size": [65, 65],
            "outputs_to_num_classes": {"semantic": 5},
        }
    )
    assert config.decoder_output_stride == (4,) and config.nas_stem_output_num_conv_filters == 12
    assert config.image_pyramid == (0.5, 1) and config.num_classes == 5
    assert config.image_pooling_crop_size is None
    assert ModelConfig.from_dict(config.to_dict()) == config
    with pytest.raises(InputError, match="no field decoder_stride"):
        ModelConfig.from_official({"decoder_stride": 4})


def test_a_cell_comes_from_a_file_or_as_text(tmp_path):
    text = '[{"op": "conv", "kernel": 1, "input": -1}]'
    (tmp_path / "cell.json").write_text(text)
    configs = [ModelConfig(dense_prediction_cell_json=value) for value in (text, str(tmp_path / "cell.json"))]
    assert configs[0] == configs[1]


@pytest.mark.parametrize(
    ("config", "values", "told"),
    [
        (ModelConfig, {"output_stride": 4}, "legal are 8, 16, 32"),
        (ModelConfig, {"num_classes": 1}, "at least 2"),
        (ModelConfig, {"decoder_output_stride": (4, 8)}, "descending order"),
        (ModelConfig, {"decoder_output_stride": (2,)}, "legal are 16, 8 and 4"),
        (ModelConfig, {"decoder_output_stride": (), "decoder_output_is_logits": True}, "needs a decoder"),
        (
            ModelConfig,
            {"decoder_output_is_logits": True, "decoder_filters": 19},
            "19, num_classes 21; they must be equal",
        ),
        (ModelConfig, {"logits_kernel_size": 3}, "it must be 1"),
        (ModelConfig, {"image_pooling_stride": (1, 2, 3)}, "vertical,horizontal"),
        (ModelConfig, {"image_pyramid": (0.0,)}, "above 0"),
        (ModelConfig, {"merge_method": "mean"}, "max and avg"),
        (ModelConfig, {"drop_path_keep_prob": 0.0}, r"\(0, 1\]"),
        (
            ModelConfig,
            {"aspp_with_squeeze_and_excitation": True, "aspp_with_concat_projection": False},
            "must be projected",
        ),
        (ModelConfig, {"dense_prediction_cell_json": "no_such.json"}, "no such file"),
        (ModelConfig, {"dense_prediction_cell_json": "[1]"}, "branch 0 .* is no JSON object"),
        (ModelConfig, {"dense_prediction_cell_json": '[{"op": "pool"}]'}, "op='pool'; legal are conv"),
        (ModelConfig, {"dense_prediction_cell_json": '[{"op": "conv", "input": -1}]'}, "lacks kernel, rate"),
        (ModelConfig, {"dense_prediction_cell_json": '[{"op": "conv", "kernel": 1, "input": 0}]'}, "earlier branch"),
        (ModelConfig, {"batch_norm_decay": 1.0}, r"\[0, 1\)"),
        (ModelConfig, {"multi_grid": (0, 2)}, "1 or more"),
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
