import dataclasses
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import toys

from deeplab_tf2.config import ModelConfig, aligned_size
from deeplab_tf2.inference.tile_network import RunTiles, tile_network
from deeplab_tf2.inference.tile_passes import TilePasses
from deeplab_tf2.inference.tiles import side

# Narrow, so that tiles that overlap by more than the network sees cost little; no multiple of the stride.
LONG, SHORT, TILE, OVERLAP = 1490, 40, 1137, 736


@pytest.fixture(scope="module", params=["shared", "none"])
def network(request, tiny):
    """A network whose image-level feature can be shared, and one without."""
    feature = request.param == "shared"
    model = toys.tiny_model(atrous_rates=(), add_image_level_feature=feature)
    return tile_network(dataclasses.replace(tiny, model=model))


def passes(network, image, overlap, reader, tile=TILE):
    source = types.SimpleNamespace(read=lambda rows, columns: image[rows, columns])
    rows, columns = (side(length, tile, overlap, 16) for length in image.shape[:2])
    return TilePasses(network, source, rows, columns, reader)


@pytest.mark.parametrize("turned", [False, True])
def test_tiles_give_what_the_whole_image_gives(network, turned):
    image = np.random.default_rng(1).integers(0, 256, (SHORT, LONG, 3), np.uint8)
    image = np.ascontiguousarray(image.swapaxes(0, 1)) if turned else image
    whole = network.probabilities(image)
    found = np.full_like(whole, np.nan)
    with ThreadPoolExecutor(1) as reader:
        way = passes(network, image, OVERLAP, reader)
        assert len(way.places) == 2
        mean = way.mean(way.sharing) if way.sharing else None
        if mean is not None:
            np.testing.assert_allclose(mean, network.features(image).mean((0, 1)), rtol=1e-4, atol=1e-4)
        for (row, column), pixels in way._tiles(way.places):
            rows, columns, block = way.mosaic.add(row, column, network.probabilities(pixels, mean))
            found[rows, columns] = block
        np.testing.assert_allclose(found, whole, atol=1e-4)
        strips = [labels for _, labels in passes(network, image, OVERLAP, reader).strips(mean)]
    np.testing.assert_array_equal(np.concatenate(strips), found.argmax(-1))
    assert way.mosaic.agreement == 1


def test_tiles_that_see_less_give_less(network):
    """The test above could fail: with little overlap, answers change."""
    image = np.random.default_rng(1).integers(0, 256, (SHORT, 600, 3), np.uint8)
    whole = network.probabilities(image).argmax(-1)
    with ThreadPoolExecutor(1) as reader:
        way = passes(network, image, 8, reader, tile=129)
        (labels,) = (labels for _, labels in way.strips(None))
        assert (labels != whole).any()
        assert (way.sharing is None) != network.config.add_image_level_feature
        if way.sharing:
            assert isinstance(way.sharing, RunTiles) and 0 < way.changed(way.sharing) < 1
            assert passes(network, image, 8, reader, tile=700).sharing is None, "one tile has nobody to share with"


@pytest.mark.parametrize("spacing", [16, 8])
def test_the_mean_is_of_all_features_of_the_image(spacing):
    """For networks with features at the output stride, and at half of it."""
    image = np.random.default_rng(0).integers(0, 256, (150, 90, 3), np.uint8)

    def features(pixels):
        missing = [aligned_size(length, 16) - length for length in pixels.shape[:2]]
        padded = np.pad(pixels, [(0, missing[0]), (0, missing[1]), (0, 0)])
        return padded[::spacing, ::spacing].astype(np.float32)

    network = types.SimpleNamespace(config=ModelConfig(), features=features)
    with ThreadPoolExecutor(1) as reader:
        way = passes(network, image, 16, reader, tile=65)
        assert len(way.places) == 6
        np.testing.assert_allclose(way.mean(network), features(image).mean((0, 1)), rtol=1e-5)
