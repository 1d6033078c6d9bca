"""Networks with a name."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.presets import PRESETS, preset


def test_a_head_for_every_backbone():
    assert len(PRESETS) == 8
    assert preset("deeplabv3plus_xception_65").decoder_output_stride == (4,)
    assert preset("deeplabv3_xception_65").decoder_output_stride == ()


def test_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="deeplabv3plus_mobilenet_v2"):
        preset("deeplab_v9")
