"""Transforms against the official chain of operations, eagerly and inside `tf.data.map`."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.data import transforms

IGNORE = 255


def official_chain(image, label, scale, draws, crop):
    """Scale, pad, crop and flip one after the other, with TF1's resizing operations."""
    size = [max(int(np.float32(side) * np.float32(scale)), 1) for side in label.shape]
    image = tf.compat.v1.image.resize_bilinear(image[None].astype(np.float32), size, align_corners=True)[0].numpy()
    label = tf.compat.v1.image.resize_nearest_neighbor(label[None, :, :, None], size, align_corners=True)[0, :, :, 0]
    pads = [(0, max(want - have, 0)) for want, have in zip(crop, size, strict=True)]
    image = np.pad(image, [*pads, (0, 0)], constant_values=127.5)
    label = np.pad(label.numpy(), pads, constant_values=IGNORE)
    top, left = (
        min(int(np.float32(draw) * np.float32(have - want + 1)), have - want)
        for draw, have, want in zip(draws, label.shape, crop, strict=False)
    )
    image, label = (value[top : top + crop[0], left : left + crop[1]] for value in (image, label))
    return (image[:, ::-1], label[:, ::-1]) if draws[2] <= 0.5 else (image, label)


@pytest.mark.parametrize(
    ("size", "scale", "crop"),
    [
        ((60, 83), 0.5, (33, 33)),
        ((60, 83), 2.0, (65, 49)),
        ((31, 30), 1.0, (31, 30)),
        ((40, 51), 1.25, (97, 33)),
    ]
    + [
        ((1, 1), 1.5, (5, 5)),
        ((3, 200), 0.25, (9, 9)),
        ((120, 90), 1.75, (209, 157)),
        ((17, 17), 0.03, (4, 4)),
    ],
)
@pytest.mark.parametrize("inside_map", [False, True])
def test_fused_pass_equals_the_official_chain(size, scale, crop, inside_map):
    rng = np.random.default_rng(3)
    for _ in range(4):
        image = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        label = rng.integers(0, 5, size, dtype=np.uint8)
        draws = rng.random(3).astype(np.float32)

        def fused(image, label, draws):
            return transforms.scale_crop_flip(
                image, label, scale=tf.constant(scale), draws=draws, crop_size=crop, ignore_label=IGNORE
            )

        tensors = (tf.constant(image), tf.constant(label), tf.constant(draws))
        got = next(iter(tf.data.Dataset.from_tensors(tensors).map(fused))) if inside_map else fused(*tensors)
        want = official_chain(image, label, scale, draws, crop)
        assert np.abs(got[0].numpy() - want[0]).max() < 1e-3
        np.testing.assert_array_equal(got[1].numpy(), want[1])


def test_random_scale_takes_the_official_values_evenly():
    draws = (np.arange(700) + 0.5) / 700
    got = np.array([transforms.random_scale(tf.constant(d, tf.float32), 0.5, 2.0, 0.25).numpy() for d in draws])
    values, counts = np.unique(got, return_counts=True)
    np.testing.assert_allclose(values, [0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0])
    assert set(counts) == {100}
    assert transforms.random_scale(tf.constant(0.5), 0.5, 2.0, 0.0) == 1.25
    assert transforms.random_scale(tf.constant(0.9), 1.0, 1.0, 0.0) == 1.0


@pytest.mark.parametrize(
    ("size", "settings", "expected"),
    [
        ((60, 40), (50, 100, None), (75, 50)),
        ((15, 30), (50, 100, None), (50, 100)),
        ((15, 50), (50, 100, None), (30, 100)),
        ((60, 40), (50, 98, 8), (81, 57)),
        ((15, 30), (50, 98, 8), (49, 97)),
        ((15, 50), (50, 98, 8), (33, 97)),
        ((60, 40), (96, 98, 8), (97, 65)),
        ((15, 30), (96, 98, 8), (49, 97)),
        ((15, 50), (96, 98, 8), (33, 97)),
    ],
)
def test_range_size(size, settings, expected):
    assert tuple(transforms.range_size(tf.constant(size), *settings).numpy()) == expected


def test_pad_adds_the_pad_pixel_and_the_ignore_label():
    image, label = transforms.pad(
        tf.zeros([2, 3, 3], tf.uint8), tf.zeros([2, 3], tf.uint8), tf.constant([4, 3]), IGNORE
    )
    assert image.shape == (4, 3, 3) and label.dtype == tf.int32
    assert np.all(image[2:] == 127.5) and np.all(label[2:] == IGNORE) and np.all(label[:2] == 0)


def flipped(label, mirrored_labels=(), ignore_label=IGNORE, flip=0.0):
    """What the training pass makes of a label at its own size, padded by a column."""
    image = tf.repeat(tf.cast(label, tf.float32)[..., None], 3, axis=-1)
    crop = (label.shape[0], label.shape[1] + 1)
    how = {"draws": tf.constant([0.0, 0.0, flip]), "crop_size": crop, "ignore_label": ignore_label}
    _, mask = transforms.scale_crop_flip(
        image, tf.constant(label), scale=tf.constant(1.0), mirrored_labels=mirrored_labels, **how
    )
    return mask.numpy()


def test_labels_with_a_side_change_places_when_flipped():
    """A face with its left eye (1) and right eye (2): what is mirrored is a face again, with its left eye left."""
    face = np.array([[0, 1, 0, 0, 2, 0], [0, 1, 3, 3, 255, 0]], np.uint8)
    mirrored = [[IGNORE, 0, 1, 0, 0, 2, 0], [IGNORE, 0, 255, 3, 3, 2, 0]]
    assert flipped(face, (0, 2, 1, 3)).tolist() == mirrored
    assert flipped(face).tolist()[0] == [IGNORE, 0, 2, 0, 0, 1, 0]
    assert flipped(face, (0, 2, 1, 3), flip=0.9).tolist() == np.c_[face, [IGNORE, IGNORE]].tolist()


def test_an_ignored_class_has_no_side():
    assert flipped(np.array([[1, 2]], np.uint8), (0, 2, 1), ignore_label=2).tolist() == [[2, 2, 2]]


@given(st.permutations(range(7)), st.integers(0, 3), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_flipping_twice_changes_nothing(order, pairs, seed):
    mirrored = np.arange(7)
    for one, other in zip(order[: 2 * pairs : 2], order[1 : 2 * pairs : 2], strict=True):
        mirrored[[one, other]] = other, one
    labels = np.random.default_rng(seed).choice([*range(7), IGNORE], (5, 8)).astype(np.uint8)
    once = flipped(labels, mirrored.tolist())[:, 1:]
    np.testing.assert_array_equal(once, np.r_[mirrored, [IGNORE]][np.where(labels == IGNORE, 7, labels)][:, ::-1])
    np.testing.assert_array_equal(flipped(once.astype(np.uint8), mirrored.tolist())[:, 1:], labels)
