import numpy as np
import pytest

from deeplab_tf2.data.samples.sample_drawing import CLASS_NAMES, IGNORE_LABEL, draw


@pytest.fixture(scope="module")
def pictures():
    return [draw(0, index) for index in range(40)]


def test_equal_seeds_give_equal_pixels(pictures):
    for index in (0, 7):
        for first, second in zip(pictures[index], draw(0, index), strict=True):
            np.testing.assert_array_equal(first, second)
    assert draw(1, 0)[0].shape != pictures[0][0].shape or (draw(1, 0)[0] != pictures[0][0]).any()


def test_sizes_vary_and_types_are_bytes(pictures):
    shapes = {labels.shape for _, labels in pictures}
    assert len(shapes) > 30
    for image, labels in pictures:
        assert image.shape == (*labels.shape, 3)
        assert image.dtype == labels.dtype == np.uint8
        assert all(129 <= side <= 225 for side in labels.shape)


def test_every_class_occurs_and_labels_are_legal(pictures):
    counts = sum(np.bincount(labels.ravel(), minlength=256) for _, labels in pictures)
    assert set(np.flatnonzero(counts)) == {*range(len(CLASS_NAMES)), IGNORE_LABEL}
    shares = counts[: len(CLASS_NAMES)] / counts.sum()
    assert 0.6 < shares[0] < 0.85
    assert shares[1:].min() > 0.02
    assert 0.02 < counts[IGNORE_LABEL] / counts.sum() < 0.08


def test_an_ignore_border_parts_shapes_from_the_ground(pictures):
    for _, labels in pictures:
        for first, second in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
            touching = (first != second) & (first != IGNORE_LABEL) & (second != IGNORE_LABEL)
            assert not touching.any()


def test_colour_alone_does_not_tell_the_class(pictures):
    """The commonest class of each colour does badly, even on the very pictures it was counted on."""
    colors = np.concatenate([image.reshape(-1, 3).astype(int) // 32 for image, _ in pictures]) @ [64, 8, 1]
    labels = np.concatenate([labels.ravel() for _, labels in pictures])
    kept = labels != IGNORE_LABEL
    table = np.zeros((512, len(CLASS_NAMES)), int)
    np.add.at(table, (colors[kept], labels[kept]), 1)
    answers = table.argmax(1)[colors[kept]]
    matrix = np.zeros((len(CLASS_NAMES),) * 2)
    np.add.at(matrix, (labels[kept], answers), 1)
    hits = np.diag(matrix)
    assert (hits / (matrix.sum(0) + matrix.sum(1) - hits)).mean() < 0.7
