import pytest

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.inference.overrides import followed_overrides

TRAINED = ModelConfig(num_classes=11)


def test_what_agrees_with_the_run_changes_nothing():
    given = {
        "model_variant": "mobilenet_v2",
        "num_classes": 11,
        "decoder_output_stride": (4,),
        "output_stride": 16,
    }
    assert followed_overrides(given, TRAINED, "run") == {}


@pytest.mark.parametrize(
    ("given", "both"),
    [
        ({"model_variant": "xception_65"}, "model_variant=xception_65 .*model_variant=mobilenet_v2"),
        ({"decoder_output_stride": ()}, "decoder_output_stride=none .*decoder_output_stride=4"),
        ({"depth_multiplier": 0.5}, r"depth_multiplier=0\.5 .*depth_multiplier=1\.0"),
        ({"divisible_by": 8}, "divisible_by=8 .*divisible_by=unset"),
        ({"atrous_rates": (6, 12)}, "atrous_rates=6,12 .*atrous_rates=6,12,18"),
        ({"atrous_rates": ()}, "atrous_rates=none .*atrous_rates=6,12,18"),
    ],
)
def test_what_the_weights_cannot_follow_names_both_values(given, both):
    with pytest.raises(InputError, match=f"{both}: leave"):
        followed_overrides(given, TRAINED, "run")


def test_stride_and_rates_are_followed():
    assert followed_overrides({"output_stride": 8}, TRAINED, "run") == {"output_stride": 8}
    given = {"output_stride": 8, "atrous_rates": (12, 24, 36)}
    assert followed_overrides(given, TRAINED, "run") == given


def test_what_no_weight_depends_on_is_followed():
    given = {"image_pooling_crop_size": (65, 65), "image_pyramid": (0.5, 1.0), "merge_method": "avg"}
    assert followed_overrides(given, TRAINED, "run") == given


@pytest.mark.parametrize(("stride", "rates"), [(8, (4, 8, 12)), (32, (1, 2, 3))])
def test_rates_that_the_run_set_move_with_the_stride(stride, rates):
    trained = TRAINED.replace(atrous_rates=(2, 4, 6))
    assert followed_overrides({"output_stride": stride}, trained, "run") == {
        "output_stride": stride,
        "atrous_rates": rates,
    }


def test_rates_without_a_whole_counterpart_ask_for_new_ones():
    with pytest.raises(InputError, match="atrous_rates=1,3 at output_stride=16.*usually 3,6,9"):
        followed_overrides({"output_stride": 32}, TRAINED.replace(atrous_rates=(1, 3)), "run")


@pytest.mark.parametrize("stride", [0, 12])
def test_an_illegal_stride_lists_the_legal_ones(stride):
    with pytest.raises(InputError, match=f"output_stride is {stride}; legal are 4, 8, 16, 32"):
        followed_overrides({"output_stride": stride}, TRAINED.replace(atrous_rates=(1, 3)), "run")
