"""The words and the table of a checkpoint that does not fit."""

import pytest
from tf1_files import variables_of

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.explain import mismatch


def shapes_of(**changes):
    settings = {"num_classes": 4, "depth_multiplier": 0.35, "aspp_convs_filters": 16, **changes}
    return {name: array.shape for name, array in variables_of(DeepLab(ModelConfig(**settings))).items()}


@pytest.fixture(scope="module")
def own():
    return shapes_of()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"decoder_output_stride": ()},
            "this checkpoint has no decoder (DeepLabv3), this network one (DeepLabv3+): set decoder_output_stride=none",
        ),
        (
            {"atrous_rates": ()},
            "this checkpoint has 0 atrous branches in ASPP, this network 3: set atrous_rates=none",
        ),
        (
            {"atrous_rates": (2, 4)},
            "this checkpoint has 2 atrous branches in ASPP, this network 3: give 2 atrous_rates",
        ),
        (
            {"aspp_convs_filters": 8, "decoder_use_separable_conv": False},
            "this checkpoint has aspp_convs_filters 8, this network 16: set aspp_convs_filters=8; "
            "this checkpoint has decoder_use_separable_conv false, this network true: "
            "set decoder_use_separable_conv=false",
        ),
        (
            {"depth_multiplier": 0.5},
            "this checkpoint has depth_multiplier 0.5, this network 0.35: set depth_multiplier=0.5",
        ),
    ],
)
def test_what_the_networks_differ_in(own, changes, sentence):
    first, *rows = mismatch("net.ckpt", own, shapes_of(**changes)).split("\n")
    assert first == f"net.ckpt does not fit this network: {sentence}"
    assert len(rows) <= 14


def test_the_other_way_round(own):
    line = mismatch("net.ckpt", shapes_of(decoder_output_stride=()), own).split("\n")[0]
    assert "has a decoder, this network none: set decoder_output_stride=4" in line


def test_another_backbone(own):
    other = {"xception_41/entry_flow/conv1_1/weights": (3, 3, 3, 32)}
    assert "this checkpoint is xception_41, not mobilenet_v2" in mismatch("x", own, other)
    assert "this checkpoint is mobilenet_v2, not xception_41" in mismatch("x", other, own)
    root = "resnet_v1_50/conv1_1/weights", "resnet_v1_50/conv1/weights"
    beta, plain = ({name: (3, 3, 3, 64)} for name in root)
    assert "is resnet_v1_50_beta, not resnet_v1_50" in mismatch("x", plain, beta)
    foreign = {"FeatureExtractor/Conv/weights": (3, 3, 3, 32)}
    assert "no backbone that is known here (its names begin with FeatureExtractor)" in mismatch("x", own, foreign)


def test_folded_batch_norm(own):
    found = {name: shape for name, shape in own.items() if "BatchNorm" not in name}
    assert "batch norm is folded" in mismatch("x", own, found)


def test_the_table(own):
    found = {**own, "aspp0/weights": (1, 1, 112, 8), "extra/weights": (4,)}
    del found["aspp0/BatchNorm/beta"], found["logits/semantic/biases"]
    _, head, *rows = mismatch("x", own, found).split("\n")
    assert head.split() == ["variable", "this", "network", "checkpoint"]
    assert [row.split() for row in rows] == [
        ["aspp0/weights", "1x1x112x16", "1x1x112x8"],
        ["extra/weights", "-", "4"],
        ["logits/semantic/biases", "4", "-"],
        ["aspp0/BatchNorm/beta", "16", "-"],
    ]


def test_many_rows_are_counted(own):
    lines = mismatch("x", own, {}).split("\n")
    assert lines[0].endswith("has no variables with names of an official network")
    assert len(lines) == 15 and lines[-1] == f"  and {len(own) - 12} more"
