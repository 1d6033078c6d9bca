"""Settings of CRF and tiles refuse what cannot be."""

import math

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.prediction_config import CrfConfig, TileConfig


@pytest.mark.parametrize(
    "values",
    [
        {"crf_iterations": 0},
        {"crf_gaussian_weight": -1.0},
        {"crf_bilateral_weight": math.inf},
        {"crf_gaussian_weight": math.nan},
        {"crf_bilateral_deviation": 0.0},
        {"crf_color_deviation": 1e-40},
        {"crf_gaussian_deviation": math.inf},
    ],
    ids=str,
)
def test_a_crf_that_cannot_be_is_refused(values):
    with pytest.raises(InputError, match=next(iter(values))):
        CrfConfig(**values)


@pytest.mark.parametrize(
    "values, named",
    [
        ({"tile_size": (1, 2, 3)}, "tile_size"),
        ({"tile_overlap": -1}, "tile_overlap"),
        ({"tile_size": (256,), "tile_overlap": 128}, "more than twice"),
        ({"tile_pooling": "none"}, "tile_pooling"),
    ],
)
def test_tiles_that_cannot_be_are_refused(values, named):
    with pytest.raises(InputError, match=named):
        TileConfig(**values)


def test_one_tile_size_is_height_and_width():
    assert TileConfig(tile_size=(512,)).tile_size == (512, 512)
    assert TileConfig().tile_size is None
