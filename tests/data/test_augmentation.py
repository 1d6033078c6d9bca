"""Augmentation of one sample: each idea has its own random numbers, and padding is left alone."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import DataConfig
from deeplab_tf2.data.augmentation import augment

IGNORE = 255
RANDOM = np.random.default_rng(0)
IMAGE = RANDOM.integers(0, 256, (40, 50, 3), dtype=np.uint8)
LABEL = np.where(np.arange(50) < 48, 0, 1)[None].repeat(40, 0).astype(np.uint8)


def sample(index, image=IMAGE, **settings):
    config = DataConfig(**{"train_crop_size": (33, 25), **settings})
    got = augment(tf.constant(image), tf.constant(LABEL), tf.constant(index, tf.int64), config, IGNORE)
    return [part.numpy() for part in got]


@pytest.mark.parametrize("crop", [(33, 25), (97, 129)])
def test_colours_change_alone_and_outside_of_the_padding(crop):
    for index in range(4):
        plain, labels = sample(index, train_crop_size=crop)
        image, same = sample(index, train_crop_size=crop, photometric_augmentation=1.0)
        np.testing.assert_array_equal(same, labels)
        inside = (labels != IGNORE)[..., None]
        assert np.all(np.where(inside, 127.5, image) == 127.5) and image.dtype == np.float32
        assert np.abs(image - plain).max() > 5 and image.min() >= 0 and image.max() <= 255


@pytest.mark.parametrize("settings", [{"photometric_augmentation": 0.5}, {"class_aware_crops": 1.0}])
def test_a_sample_depends_on_seed_and_index_alone(settings):
    first = sample(5, **settings)
    for one, again in zip(first, sample(5, **settings), strict=True):
        np.testing.assert_array_equal(one, again)
    assert not np.array_equal(first[0], sample(6, **settings)[0])
    assert not np.array_equal(first[0], sample(5, seed=1, **settings)[0])


def test_the_share_of_crops_that_look_for_a_class():
    """The class at the border is in few crops by chance, and in half of those placed by class at least."""
    shares = [
        np.mean([np.any(sample(index, class_aware_crops=share)[1] == 1) for index in range(40)])
        for share in (0.0, 0.5, 1.0)
    ]
    assert shares[0] < shares[1] < shares[2] and shares[2] > 0.5


def test_crops_by_class_keep_scale_and_flip():
    """The whole picture fits, so that there is nothing to place."""
    whole = {"train_crop_size": (40, 50), "min_scale_factor": 1.0, "max_scale_factor": 1.0}
    for index in range(4):
        for one, other in zip(sample(index, **whole), sample(index, class_aware_crops=1.0, **whole), strict=True):
            np.testing.assert_array_equal(one, other)


def test_other_channels_are_changed_too():
    image = RANDOM.integers(0, 60000, (40, 50, 2)).astype(np.uint16)
    plain, _ = sample(3, image)
    bands, _ = sample(3, image, photometric_augmentation=1.0)
    assert bands.shape == plain.shape and np.abs(bands - plain).max() > 100
