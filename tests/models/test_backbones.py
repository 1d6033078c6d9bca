"""The registry of backbones."""

import pytest

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.backbones import BACKBONES, backbone
from deeplab_tf2.models.complexity import Meter


def test_published_batch_norm_settings():
    rows = {name: (row.batch_norm_decay, row.batch_norm_epsilon) for name, row in BACKBONES.items()}
    assert rows["mobilenet_v2"] == (0.997, 1e-3)
    assert rows["xception_65"] == rows["nas_hnasnet"] == (0.9997, 1e-3)
    assert rows["resnet_v1_50"] == rows["resnet_v1_101_beta"] == (0.95, 1e-5)


def test_published_input():
    rows = {name: (row.scope, row.mean_pixel, row.pad_pixel[0]) for name, row in BACKBONES.items()}
    assert rows["resnet_v1_50"] == ("resnet_v1_50", (123.15, 115.90, 103.06), 123.15)
    assert rows["resnet_v1_18"] == ("resnet_v1_18", (123.15, 115.90, 103.06), 127.5)
    assert rows["resnet_v1_101_beta"] == ("resnet_v1_101", None, 127.5)
    assert rows["mobilenet_v3_small_seg"] == ("MobilenetV3", None, 127.5)


def test_settings_reach_the_layer():
    layer = backbone("mobilenet_v2").make(ModelConfig(depth_multiplier=0.5), {"momentum": 0.5, "frozen": True})
    assert layer.stem.conv.filters == 16
    assert layer.stem.batch_norm.momentum == 0.5 and layer.stem.batch_norm.frozen


@pytest.mark.parametrize("variant", ["mobilenet_v3_small_seg", "xception_41", "resnet_v1_18_beta", "nas_pnasnet"])
def test_any_number_of_channels_comes_in_by_the_first_kernel(variant):
    config = ModelConfig(model_variant=variant, output_stride=32, decoder_output_stride=(), image_pyramid=None)
    meters = [Meter(config.replace(input_channels=channels)) for channels in (3, 7)]
    photo, bands = ([tuple(weight.shape) for weight in meter.network.weights] for meter in meters)
    assert [place for place, shape in enumerate(photo) if bands[place] != shape] == [0]
    assert bands[0] == (*photo[0][:2], 7, photo[0][3])
    more = meters[1].count(65, 65).total.exact - meters[0].count(65, 65).total.exact
    assert more == 4 * photo[0][0] * photo[0][1] * photo[0][3] * 33 * 33


def test_unknown_name_lists_the_known():
    with pytest.raises(InputError, match="'xception'; legal are mobilenet_v2, mobilenet_v3_large_seg"):
        backbone("xception")
