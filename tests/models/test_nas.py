"""The NAS backbones: official names and sizes, where ReLU stands, the head, drop path."""

import json

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.models.nas import NAS


def images(height, width, batch=1):
    return np.random.default_rng(0).uniform(-1, 1, (batch, height, width, 3)).astype(np.float32)


def shapes(layer, size):
    return {name: (value.shape[1], value.shape[3]) for name, value in layer(images(size, size)).items()}


def test_classification_head_and_removed_stride():
    layer = NAS("nas_hnasnet", 16, stem_filters=4, classification_head=True, remove_os32_stride=True)
    got = shapes(layer, 65)
    assert [got[f"endpoint_Cell_{i}"] for i in (7, 8, 9, 10, 11)] == [(5, 80), (5, 160), (5, 160), (5, 80), (9, 40)]
    assert got["endpoint_downsample_os16"] == (5, 512)
    assert got["endpoint_downsample_os32"] == (5, 1024)
    assert got["endpoint_classification_head"] == got["backbone"] == (5, 2048)


def test_the_rates_of_the_head():
    layer = NAS("nas_hnasnet", 8, classification_head=True)
    convs = [conv for conv, _ in layer.head.values()]
    assert [conv.dilation_rate[0] for conv in convs] == [2, 4, 1]
    assert [conv.name for conv in convs] == [
        "downsample_os16_conv",
        "downsample_os32_conv",
        "classification_head_conv",
    ]


@pytest.fixture(scope="module")
def dropping():
    return NAS("nas_hnasnet", stem_filters=10, drop_path_keep_prob=0.5)


def test_official_sizes(dropping):
    sizes = [81] * 3 + [41, 21, 41, 21, 21, 11, 11, 21, 41]
    channels = [50] * 3 + [100, 200, 100, 200, 200, 400, 400, 200, 100]
    cells = {f"endpoint_Cell_{i}": shape for i, shape in enumerate(zip(sizes, channels, strict=True))}
    low_levels = {"low_level_4": (81, 50), "low_level_8": (41, 100), "low_level_16": (21, 200)}
    got = shapes(dropping, 321)
    assert got == {"endpoint_Stem": (81, 128), **cells, **low_levels, "backbone": (41, 100)}


def test_only_the_last_output_has_relu(dropping):
    outputs = {name: np.array(value) for name, value in dropping(images(40, 48)).items()}
    assert all(value.min() < 0 for name, value in outputs.items() if name != "backbone")
    np.testing.assert_array_equal(outputs["backbone"], np.maximum(outputs["endpoint_Cell_11"], 0))
    np.testing.assert_array_equal(outputs["low_level_8"], outputs["endpoint_Cell_5"])


def test_drop_path_follows_training_and_progress(dropping):
    x = images(33, 33, batch=4)

    def outputs(**arguments):
        return np.array(dropping(x, **arguments)["endpoint_Cell_11"])

    still = outputs(training=True, progress=0.0)
    np.testing.assert_allclose(outputs(training=True, progress=0.0), still, atol=1e-4)
    assert not np.allclose(outputs(training=True, progress=1.0), still, atol=1e-2)
    np.testing.assert_array_equal(outputs(progress=1.0), outputs(progress=0.0))


def test_drop_path_layers_are_there_only_when_needed(dropping):
    def made(**options):
        return {cell.drop_path is not None for cell in NAS("nas_pnasnet", stem_filters=4, **options).cells}

    assert {cell.drop_path is not None for cell in dropping.cells} == {True}
    assert made() == made(drop_path_keep_prob=0.5, batch_norm={"frozen": True}) == {False}


def test_config_round_trip():
    layer = NAS("nas_pnasnet", 8, 6, True, True, 0.7, {"momentum": 0.9}, 1e-4)
    twin = NAS.from_config(json.loads(json.dumps(layer.get_config())))
    assert twin.get_config() == layer.get_config()
    assert (twin.name, twin.keep, len(twin.head)) == ("nas_pnasnet", 0.7, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"drop_path_keep_prob": 0.0}, "drop_path_keep_prob is 0.0"),
        ({"drop_path_keep_prob": 1.5}, "drop_path_keep_prob is 1.5"),
        ({"output_stride": 4}, "output_stride is 4; legal are 8, 16, 32"),
    ],
)
def test_wrong_arguments(options, message):
    with pytest.raises(InputError, match=message):
        NAS("nas_pnasnet", **options)
