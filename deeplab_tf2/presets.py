"""Networks with a name."""

from __future__ import annotations

from typing import Any

from deeplab_tf2.config import InputError, ModelConfig

_BACKBONES = (
    "mobilenet_v2",
    "mobilenet_v3_large_seg",
    "mobilenet_v3_small_seg",
    "xception_41",
    "xception_65",
    "xception_71",
    "resnet_v1_18",
    "resnet_v1_18_beta",
    "resnet_v1_50",
    "resnet_v1_50_beta",
    "resnet_v1_101",
    "resnet_v1_101_beta",
    "nas_pnasnet",
    "nas_hnasnet",
)
# The head of the published MobileNetV3 networks.
LITE_R_ASPP: dict[str, Any] = {
    "output_stride": 32,
    "atrous_rates": (),
    "image_pooling_crop_size": (769, 769),
    "image_pooling_stride": (4, 5),
    "aspp_convs_filters": 128,
    "aspp_with_concat_projection": False,
    "aspp_with_squeeze_and_excitation": True,
    "image_se_uses_qsigmoid": True,
    "decoder_output_stride": (8,),
    "decoder_use_sum_merge": True,
    "decoder_output_is_logits": True,
}

# Its features always have stride 8.
_STRIDES = {"nas_hnasnet": 8}

PRESETS = {
    f"{head}_{variant}": ModelConfig(variant, output_stride=_STRIDES.get(variant, 16), decoder_output_stride=decoder)
    for head, decoder in (("deeplabv3plus", (4,)), ("deeplabv3", ()))
    for variant in _BACKBONES
} | {
    "deeplabv3_mobilenet_edgetpu": ModelConfig("mobilenet_edgetpu", decoder_output_stride=()),
    "lite_raspp_mobilenet_v3_large_seg": ModelConfig("mobilenet_v3_large_seg", **LITE_R_ASPP),
    "lite_raspp_mobilenet_v3_small_seg": ModelConfig("mobilenet_v3_small_seg", **LITE_R_ASPP),
}


def preset(name: str) -> ModelConfig:
    """The configuration called `name`.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    if name not in PRESETS:
        raise InputError(f"there is no preset {name!r}; there are {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
