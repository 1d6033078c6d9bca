import dataclasses

import numpy as np
import pytest

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.inference.loading import load
from deeplab_tf2.inference.tile_network import RunTiles, seen_beyond, shares_mean, tile_network

POOLING = '[{"kernel": 1, "rate": [1, 1], "op": "conv", "input": -1}, {"op": "pyramid_pooling", "grid_size": [1, 1], '
CELLS = {"without": POOLING[: POOLING.index(", {")] + "]", "with": POOLING + '"input": 0}]'}


def photo(height=45, width=70):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_a_tile_is_segmented_as_an_image_is(tiny, tiny_export):
    expected = tiny.predict(photo()).probabilities
    network = tile_network(tiny)
    np.testing.assert_allclose(network.probabilities(photo()), expected, atol=1e-6)
    exported = tile_network(load(tiny_export))
    np.testing.assert_allclose(exported.probabilities(photo()), expected, atol=1e-5)
    assert exported.config == network.config and exported.descriptor == network.descriptor
    assert isinstance(network, RunTiles)
    features = network.features(photo())
    assert features.shape[:2] == (4, 6)
    mean = features.mean((0, 1))
    np.testing.assert_allclose(network.probabilities(photo(), mean), expected, atol=1e-4)
    assert np.abs(network.probabilities(photo(), mean + 1) - expected).max() > 1e-3


def test_networks_that_resize_images_are_refused(tiny):
    data = tiny.config.data.replace(min_resize_value=50, max_resize_value=70)
    with pytest.raises(InputError, match='resized to a range .*"min_resize_value": 50.*leave tile_size out'):
        tile_network(dataclasses.replace(tiny, config=tiny.config.replace(data=data)))


@pytest.mark.parametrize(
    ("settings", "sharing", "alone", "shared"),
    [
        ({}, True, ["image pooling"], []),
        ({"add_image_level_feature": False}, False, [], []),
        ({"aspp_with_batch_norm": False}, False, [], []),
        ({"image_pooling_crop_size": (65, 65)}, False, ["image pooling"], ["image pooling"]),
        ({"image_pyramid": (0.5, 1.0)}, False, ["image pooling"], ["image pooling"]),
        ({"dense_prediction_cell_json": CELLS["without"]}, False, [], []),
        ({"dense_prediction_cell_json": CELLS["with"]}, False, ["image pooling"], ["image pooling"]),
        ({"model_variant": "mobilenet_v3_small_seg"}, True, ["image pooling", "squeeze"], ["squeeze"]),
    ],
)
def test_what_sees_more_than_a_tile_is_known(settings, sharing, alone, shared):
    config = ModelConfig(**settings)
    assert shares_mean(config) == sharing
    for words, found in ((alone, seen_beyond(config, False)), (shared, seen_beyond(config, sharing))):
        assert len(found) == len(words) and all(word in part for word, part in zip(words, found, strict=True))
