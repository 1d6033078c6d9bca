"""Images of any channels become pictures in which something can be seen."""

import numpy as np
import pytest

from deeplab_tf2.pictures.viewable import viewable


def ramp(channels, low, high, dtype):
    return np.linspace(low, high, 50 * 60 * channels).reshape(50, 60, channels).astype(dtype)


def test_photographs_stay_as_they_are():
    photo = ramp(3, 0, 255, np.uint8)
    assert viewable(photo) is photo


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
@pytest.mark.parametrize(("low", "high"), [(0, 65535), (1000, 1100), (-1, 1)])
def test_the_range_of_an_image_is_stretched(channels, low, high):
    picture = viewable(ramp(channels, low, high, np.float64))
    assert picture.shape == (50, 60, 3) and picture.dtype == np.uint8
    assert picture.min() < 30 and picture.max() > 225 and abs(picture.mean() - 127.5) < 2


def test_the_first_three_channels_are_red_green_and_blue_and_one_is_grey():
    bands = np.random.default_rng(0).integers(0, 10_000, (9, 9, 5)).astype(np.uint16)
    np.testing.assert_array_equal(viewable(bands), viewable(bands[..., :3]))
    grey = viewable(bands[..., :2])
    assert (grey == grey[..., :1]).all() and np.corrcoef(grey[..., 0].ravel(), bands[..., 0].ravel())[0, 1] > 0.9


def test_a_constant_channel_is_the_middle():
    assert set(np.unique(viewable(np.full((4, 4, 2), 7, np.uint16)))) == {128}
