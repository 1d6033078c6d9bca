import numpy as np

from deeplab_tf2.evaluation.original_size import at_size


def slowly(values, size):
    """Each pixel from the nearest, corner on corner; halves round up."""
    places = [
        [int(target * (source - 1) / max(new - 1, 1) + 0.5) for target in range(new)]
        for source, new in zip(values.shape, size, strict=True)
    ]
    return values[np.ix_(*places)]


def test_labels_come_from_the_nearest_pixel_and_probabilities_bilinearly():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 9, (7, 5), np.int32)
    ramp = np.add.outer(np.arange(7), 10 * np.arange(5)).astype(np.float32)
    for size in ((13, 9), (4, 5), (7, 5), (1, 20)):
        found = at_size({"labels": labels, "probabilities": np.stack([ramp, -ramp], axis=-1)}, size)
        assert found["labels"].dtype == np.int32
        np.testing.assert_array_equal(found["labels"], slowly(labels, size))
        rows, columns = (np.linspace(0, side - 1, new) for side, new in zip((7, 5), size, strict=True))
        expected = np.add.outer(rows if size[0] > 1 else [0], 10 * columns)
        np.testing.assert_allclose(found["probabilities"][..., 0], expected, atol=1e-5)
        np.testing.assert_allclose(found["probabilities"][..., 1], -expected, atol=1e-5)
