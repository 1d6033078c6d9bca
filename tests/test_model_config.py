"""The settings of a network: official options, rates, cells, refusals."""

import numpy as np
import pytest

from deeplab_tf2.config import InputError, ModelConfig


def test_rates_follow_the_output_stride_unless_set():
    assert [ModelConfig(output_stride=stride).aspp_rates for stride in (4, 8, 16, 32)] == [
        (24, 48, 72),
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
    assert (
        ModelConfig.from_official({"model_variant": "mobilenet_v3_small_seg", "divisible_by": 4}).divisible_by is None
    )
    assert ModelConfig.from_official({"divisible_by": 4, "depth_multiplier": 0.5}).divisible_by == 4
    empty = ModelConfig.from_official({"image_pyramid": [], "multi_grid": [], "dense_prediction_cell_json": ""})
    assert empty == ModelConfig.from_official({})
    arrays = ModelConfig.from_official({"atrous_rates": np.array([6, 12]), "image_pooling_stride": np.array([2, 3])})
    assert arrays.atrous_rates == (6, 12) and arrays.image_pooling_stride == (2, 3)
    with pytest.raises(InputError, match="no field decoder_stride"):
        ModelConfig.from_official({"decoder_stride": 4})


def test_a_cell_comes_from_a_file_or_as_text(tmp_path):
    text = '[{"op": "conv", "kernel": 1, "input": -1}]'
    (tmp_path / "cell.json").write_text(text)
    configs = [ModelConfig(dense_prediction_cell_json=value) for value in (text, str(tmp_path / "cell.json"))]
    assert configs[0] == configs[1]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"output_stride": 2}, "legal are 4, 8, 16, 32"),
        ({"num_classes": 1}, "at least 2"),
        ({"decoder_output_stride": (4, 8)}, "descending order"),
        ({"decoder_output_stride": (2,)}, "legal are 16, 8 and 4"),
        ({"decoder_output_stride": (), "decoder_output_is_logits": True}, "needs a decoder"),
        (
            {"decoder_output_is_logits": True, "decoder_filters": 19},
            "19, num_classes 21; they must be equal",
        ),
        ({"logits_kernel_size": 3}, "it must be 1"),
        ({"image_pooling_stride": (1, 2, 3)}, "vertical,horizontal"),
        ({"image_pyramid": (0.0,)}, "above 0"),
        ({"merge_method": "mean"}, "max, avg"),
        ({"drop_path_keep_prob": 0.0}, r"\(0, 1\]"),
        (
            {"aspp_with_squeeze_and_excitation": True, "aspp_with_concat_projection": False},
            "must be projected",
        ),
        ({"dense_prediction_cell_json": "[1]"}, "branch 0 .* is no JSON object"),
        ({"batch_norm_decay": 1.0}, r"\[0, 1\)"),
        ({"multi_grid": (0, 2)}, "1 or more"),
    ],
)
def test_illegal_networks_are_refused_in_words(values, told):
    with pytest.raises(InputError, match=told):
        ModelConfig(**values)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"input_channels": 0}, "input_channels is 0; at least 1"),
        ({"input_channels": 2, "channel_means": (1.0, 2.0)}, "give both or none"),
        (
            {"input_channels": 2, "channel_means": (1.0,), "channel_deviations": (1.0, 1.0)},
            "1 values for 2 input_channels",
        ),
        ({"channel_means": (1.0, 2.0, 3.0), "channel_deviations": (1.0, 0.0, 1.0)}, "must be above 0"),
    ],
)
def test_statistics_of_channels_must_fit_the_channels(settings, message):
    with pytest.raises(InputError, match=message):
        ModelConfig(**settings)


def test_statistics_of_channels_survive_json():
    config = ModelConfig(input_channels=2, channel_means=(1.5, 2.0), channel_deviations=(3.0, 0.25))
    assert ModelConfig.from_dict(config.to_dict()) == config
