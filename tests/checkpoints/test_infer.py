"""Settings told from the variables of every golden case, and of made-up ones."""

import dataclasses
import json
import pathlib

import pytest

from deeplab_tf2.checkpoints.infer import atrous_branches, infer_settings, num_classes, recognise
from deeplab_tf2.config import ModelConfig
from deeplab_tf2.models.mobilenet_rows import widths

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if path.stem != "preprocess")
# What leaves no trace in names and shapes; three atrous branches are taken for the usual rates.
UNTOLD = {
    *("output_stride", "multi_grid", "atrous_rates", "image_pyramid", "merge_method"),
    *("image_pooling_crop_size", "image_pooling_stride", "image_se_uses_qsigmoid", "use_bounded_activation"),
    *("prediction_with_upsampled_logits", "nas_remove_os32_stride", "dense_prediction_cell_json"),
}


@pytest.mark.parametrize("name", CASES)
def test_all_that_can_be_told_is_told(name):
    case = json.loads((GOLDEN / f"{name}.json").read_text())
    shapes = {variable["name"]: tuple(variable["shape"]) for variable in case["variables"]}
    told, true = ModelConfig(**infer_settings(shapes)), ModelConfig.from_official(case["options"])
    for field in dataclasses.fields(ModelConfig):
        if field.name not in UNTOLD:
            assert getattr(told, field.name) == getattr(true, field.name), field.name
    if true.aspp_with_batch_norm:
        assert atrous_branches(shapes) == len(true.atrous_rates)
    if not true.dense_prediction_cell_json:
        assert (told.atrous_rates == ()) == (true.atrous_rates == ())


def test_there_are_cases_of_every_family():
    assert {name.split("_")[0] for name in CASES} >= {"mobilenet", "nas", "resnet", "xception"}


@pytest.mark.parametrize(
    ("names", "variant"),
    [
        (["resnet_v1_18/conv1/weights"], "resnet_v1_18"),
        (["resnet_v1_18/conv1_1/weights", "resnet_v1_18/conv1_2/weights"], "resnet_v1_18_beta"),
        (["resnet_v1_50/conv1/weights"], "resnet_v1_50"),
        (["resnet_v1_101/conv1_1/weights"], "resnet_v1_101_beta"),
        (["MobilenetV3/Conv/weights", "MobilenetV3/expanded_conv_11/project/weights"], "mobilenet_v3_large_seg"),
        (["MobilenetV3/Conv/weights", "MobilenetV3/expanded_conv_10/project/weights"], "mobilenet_v3_small_seg"),
        (["xception_71/entry_flow/conv1_1/weights"], "xception_71"),
    ],
)
def test_backbones_that_share_a_scope(names, variant):
    assert infer_settings(dict.fromkeys(names, (3, 3, 3, 64))) == {"model_variant": variant}


def test_other_networks_are_not_recognised():
    shapes = {"FeatureExtractor/MobilenetV2/Conv/weights": (3, 3, 3, 32), "vgg_16/conv1/weights": (3, 3, 3, 64)}
    assert recognise(shapes) is None and infer_settings(shapes) == {} and num_classes(shapes) is None


@pytest.mark.parametrize(
    ("variant", "multiplier", "divisor"),
    [
        ("mobilenet_v2", 0.5, None),
        ("mobilenet_v2", 0.5, 8),
        ("mobilenet_v2", 1.0, None),
        ("mobilenet_v2", 1.4, 8),
        ("mobilenet_v2", 0.85, None),
        ("mobilenet_v3_small_seg", 0.75, None),
    ],
)
def test_the_multiplier_of_a_mobilenet(variant, multiplier, divisor):
    scope = "MobilenetV2" if variant == "mobilenet_v2" else "MobilenetV3"
    stem, *blocks = widths(variant, multiplier, divisor)
    shapes = {f"{scope}/Conv/weights": (3, 3, 3, stem), f"{scope}/Conv/BatchNorm/beta": (stem,)}
    for i, width in enumerate(blocks[: 17 if scope == "MobilenetV2" else 11]):
        shapes[f"{scope}/expanded_conv{f'_{i}' if i else ''}/project/BatchNorm/beta"] = (width,)
    told = infer_settings(shapes)
    assert (told["depth_multiplier"], told["divisible_by"]) == (multiplier, divisor)


def test_a_head_of_deeplab_v2():
    shapes = {"logits/semantic/weights": (3, 3, 2048, 21), "logits/semantic/biases": (21,)}
    told = {"aspp_with_batch_norm": False, "logits_kernel_size": 3, "num_classes": 21, "decoder_output_stride": ()}
    assert infer_settings(shapes) == {**told, "atrous_rates": ()}
    assert infer_settings({**shapes, "logits/semantic_1/weights": (3, 3, 2048, 21)}) == told


def test_two_stages_of_a_decoder():
    end = "unit_1/xception_module/separable_conv2_pointwise/BatchNorm/beta"
    shapes = {
        "xception_65/entry_flow/conv1_1/weights": (3, 3, 3, 32),
        f"xception_65/entry_flow/block2/{end}": (256,),
        f"xception_65/entry_flow/block3/{end}": (728,),
        "decoder/feature_projection0/weights": (1, 1, 728, 48),
        "decoder/feature_projection0_1/weights": (1, 1, 256, 48),
        "decoder/decoder_conv0/decoder_conv0_1/weights": (3, 3, 304, 192),
        "logits/semantic/biases": (7,),
    }
    told = infer_settings(shapes)
    assert told["decoder_output_stride"] == (8, 4) and told["decoder_filters"] == 192
    assert not told["decoder_use_separable_conv"] and not told["decoder_use_sum_merge"] and told["num_classes"] == 7


def test_classes_of_a_decoder_that_joins_and_answers():
    """The low-level projection has a width of its own there."""
    shapes = {
        "decoder/feature_projection0/biases": (48,),
        "decoder/decoder_conv0/decoder_conv0_1/biases": (21,),
        "decoder/decoder_conv0/decoder_conv0_2/biases": (21,),
    }
    assert num_classes(shapes) == 21
    assert num_classes({"decoder/feature_projection0/biases": (19,), "decoder/decoder_conv0/biases": (19,)}) == 19
