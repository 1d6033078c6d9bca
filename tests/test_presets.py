"""Networks with a name."""

import pytest

from deeplab_tf2 import DeepLab
from deeplab_tf2.config import InputError
from deeplab_tf2.models.backbones import BACKBONES
from deeplab_tf2.presets import PRESETS, preset


def test_a_head_for_every_backbone():
    assert {config.model_variant for config in PRESETS.values()} == set(BACKBONES)
    assert preset("deeplabv3plus_xception_65").decoder_output_stride == (4,)
    assert preset("deeplabv3_xception_65").decoder_output_stride == ()
    assert preset("deeplabv3_nas_hnasnet").output_stride == 8


def test_lite_r_aspp_for_any_number_of_classes():
    """As many parameters as the published network has, whose 19 classes cost 19 * (120 + 128 + 2)."""
    model = DeepLab.from_preset("lite_raspp_mobilenet_v3_large_seg", num_classes=5)
    assert model.count_params() == 1_525_230 - 14 * (120 + 128 + 2)


def test_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="deeplabv3plus_mobilenet_v2"):
        preset("deeplab_v9")
