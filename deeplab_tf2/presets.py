"""Networks with a name."""

from __future__ import annotations

from deeplab_tf2.config import InputError, ModelConfig

PRESETS = {
    f"{head}_{variant}": ModelConfig(model_variant=variant, decoder_output_stride=decoder)
    for head, decoder in (("deeplabv3", ()), ("deeplabv3plus", (4,)))
    for variant in ("mobilenet_v2", "xception_41", "xception_65", "xception_71")
}


def preset(name: str) -> ModelConfig:
    """The configuration called `name`.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    if name not in PRESETS:
        raise InputError(f"there is no preset {name!r}; there are {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
