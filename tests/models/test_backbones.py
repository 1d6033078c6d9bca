"""The registry of backbones."""

import pytest

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.backbones import BACKBONES, backbone


def test_published_batch_norm_settings():
    rows = {name: (row.batch_norm_decay, row.batch_norm_epsilon) for name, row in BACKBONES.items()}
    assert rows["mobilenet_v2"] == (0.997, 1e-3)
    assert rows["xception_65"] == (0.9997, 1e-3)


def test_settings_reach_the_layer():
    layer = backbone("mobilenet_v2").make(ModelConfig(depth_multiplier=0.5), {"momentum": 0.5, "frozen": True})
    assert layer.stem.conv.filters == 16
    assert layer.stem.batch_norm.momentum == 0.5 and layer.stem.batch_norm.frozen


def test_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="'xception'; legal are mobilenet_v2, xception_41"):
        backbone("xception")
