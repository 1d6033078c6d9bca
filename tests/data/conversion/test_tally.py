"""Counts of records and their sums."""

import numpy as np

from deeplab_tf2.data.conversion.tally import Counter, Tally, split_of, total


def pixels(**counts):
    found = np.zeros(256, np.int64)
    for value, count in counts.items():
        found[int(value[1:])] = count
    return found


def test_records_are_summed_up_and_tallies_too():
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 1000, (4, 6, 2)).astype(float), rng.integers(0, 1000, (9, 3, 2)).astype(float)]
    parts = []
    for image, counts in zip(images, (pixels(_0=20, _2=4), pixels(_0=7, _255=20)), strict=True):
        counter = Counter()
        counter.add(*image.shape[:2], counts, (image.sum((0, 1)), (image**2).sum((0, 1))))
        parts.append(counter.tally())
    both = total(parts)
    split = split_of(both, 3, num_classes=3, ignore_label=255)
    assert (split.examples, split.shards, split.labelled, split.largest_image) == (2, 3, True, (9, 6))
    assert (split.class_pixels, split.class_images, split.ignored_pixels) == ((27, 0, 4), (2, 0, 1), 20)
    flat = np.concatenate([image.reshape(-1, 2) for image in images])
    np.testing.assert_allclose(split.channel_means, flat.mean(0), rtol=1e-12)
    np.testing.assert_allclose(split.channel_deviations, flat.std(0), rtol=1e-9)


def test_without_masks_and_moments_nothing_is_claimed():
    counter = Counter()
    counter.add(5, 7)
    split = split_of(counter.tally(), 1, num_classes=3, ignore_label=255)
    assert not split.labelled and split.class_pixels == split.channel_means == ()


def test_a_tally_comes_back_from_its_file():
    counter = Counter()
    counter.add(2, 3, pixels(_1=6), (np.array([0.1, 1e300]), np.array([1 / 3, 2.0])))
    tally = counter.tally()
    assert Tally.from_dict(tally.to_dict()) == tally
