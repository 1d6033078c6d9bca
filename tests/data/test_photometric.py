"""Random colours against the steps they are made of, in float64, one after the other."""

import colorsys

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.data.photometric import change_colors

LUMA = np.array([0.299, 0.587, 0.114])


def photo(*shape, high=256, seed=0):
    return np.random.default_rng(seed).integers(0, high, shape).astype(np.float32)


def changed(image, *draws, strength=1.0):
    return change_colors(tf.constant(image), tf.constant(draws, tf.float32), strength).numpy()


def twin(image, draws, strength):
    """Contrast, saturation, hue and brightness, each by its definition; hues turn by Rodrigues' formula."""
    brightness, contrast, saturation, hue = (2 * np.float64(draws) - 1) * strength
    grey = image.mean((0, 1)) @ LUMA
    image = grey + (image - grey) * (1 + contrast / 2)
    grey = (image @ LUMA)[..., None]
    image = grey + (image - grey) * (1 + saturation / 2)
    axis, angle = np.ones(3) / np.sqrt(3), hue * np.pi / 5
    image = (
        image * np.cos(angle)
        + np.cross(np.broadcast_to(axis, image.shape), image) * np.sin(angle)
        + axis * (image @ axis)[..., None] * (1 - np.cos(angle))
    )
    return np.clip(image + brightness * 255 / 8, 0, 255)


@pytest.mark.parametrize("strength", [0.3, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_one_pass_equals_the_four_steps(strength, seed):
    image, draws = photo(9, 7, 3, seed=seed), np.random.default_rng(seed).random(4).astype(np.float32)
    got = changed(image, *draws, strength=strength)
    np.testing.assert_allclose(got, twin(image.astype(np.float64), draws, strength), atol=1e-3)
    assert np.abs(got - image).max() > 1


def test_hues_turn_as_names_say():
    """Red, turned by 36 degrees, lies between red and yellow."""
    turned = changed(np.full((1, 1, 3), (150, 50, 50), np.float32), 0.5, 0.5, 0.5, 1.0)[0, 0]
    assert colorsys.rgb_to_hsv(*turned / 255)[0] * 360 == pytest.approx(36, abs=5)


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_the_middle_of_all_draws_and_no_strength_change_nothing(channels):
    image = photo(6, 5, channels)
    np.testing.assert_allclose(changed(image, 0.5, 0.5, 0.5, 0.5), image, atol=1e-3)
    np.testing.assert_allclose(changed(image, 0.0, 0.9, 0.1, 0.9, strength=0.0), image, atol=1e-3)


@pytest.mark.parametrize(("high", "limit"), [(256, 255), (65536, 65535)])
def test_other_channels_keep_their_range_and_their_proportions(high, limit):
    image = photo(8, 8, 4, high=high) * np.float32([1, 0.01, 1, 1])
    for draws in np.random.default_rng(1).random((8, 4)):
        got = changed(image, *draws)
        assert got.min() >= 0 and got.max() <= limit
    brighter = changed(image, 0.9, 0.5, 0.0, 0.0) - image
    # A faint channel moves by as little as it varies itself.
    assert 0 < brighter[..., 1].max() < 0.011 * brighter[..., 0].max()
    np.testing.assert_array_equal(changed(image, 0.9, 0.7, 0.0, 1.0), changed(image, 0.9, 0.7, 1.0, 0.0))


def test_colours_stay_in_their_range():
    for draws in np.random.default_rng(2).random((20, 4)):
        got = changed(photo(8, 8, 3), *draws)
        assert got.min() >= 0 and got.max() <= 255
