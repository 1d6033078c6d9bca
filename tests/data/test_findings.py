"""Rules on label counts: each strange distribution is told in words that say what to do."""

import numpy as np
import pytest

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.findings import (
    Finding,
    Severity,
    balance,
    listed,
    odd_values,
    strange_labels,
    uniform_masks,
    worst_first,
)
from deeplab_tf2.pictures.palettes import default_colors


def descriptor(classes, ignore_label=255):
    return Descriptor("toy", tuple(f"class{i}" for i in range(classes)), default_colors(classes), ignore_label)


def pixels(**counts):
    result = np.zeros(256, np.int64)
    for value, count in counts.items():
        result[int(value.removeprefix("v"))] = count
    return result


@pytest.mark.parametrize(
    ("classes", "values", "words"),
    [
        (2, (0, 255), "nothing but 0 and 255, as black-and-white pictures do"),
        (2, (0, 50, 150, 200), "multiples of 50"),
        (3, (0, 50, 100), "multiples of 50 (50, 100)"),
        (3, (0, 2, 4, 255), "divide the masks by 2"),
        (2, (0, 1, 2), "2 class names and a label 2, but labels count from 0"),
        (3, (1, 2, 3), "If the masks count from 1"),
        (160, (0, 50, 150), "multiples of 50"),
        (4, (0, 38, 75, 113, 255), "brightness of colours"),
        (21, (0, 147, 220), "brightness of colours"),
    ],
)
def test_pictures_read_as_labels(classes, values, words):
    found = odd_values(pixels(**{f"v{value}": 10 for value in values}), descriptor(classes))
    assert len(found) == 1 and words in found[0].text
    assert found[0].error == (classes != 160)


@pytest.mark.parametrize(
    ("classes", "values"),
    [(2, (0, 1, 255)), (21, (0, 5, 15, 255)), (21, (0, 2, 4)), (3, (0, 1, 2)), (2, (0, 7)), (3, (255,)), (2, (0,))]
    + [(3, (0, 37, 124))],
)
def test_labels_that_are_no_picture(classes, values):
    assert odd_values(pixels(**{f"v{value}": 10 for value in values}), descriptor(classes)) == []


def test_black_and_white_is_told_only_where_white_is_ignored():
    assert odd_values(pixels(v0=9, v255=9), descriptor(256, ignore_label=7)) == []


def test_strange_labels_are_named_with_their_pixels():
    found = strange_labels("street", pixels(v0=5, v3=2, v7=1, v11=4), descriptor(3, ignore_label=11))
    assert found[0].error and "mask of street" in found[0].text and "3 (2 pixels), 7 (1 pixels)" in found[0].text
    assert strange_labels("street", pixels(v0=5, v2=1, v11=4), descriptor(3, ignore_label=11)) == []


def test_an_ignored_class_is_not_missed():
    assert balance(np.array([0, 6, 5]), descriptor(3, ignore_label=0)) == []


def test_masks_of_one_class_and_of_none():
    empty, single = uniform_masks(single=6, empty=["a", "b"], empty_count=2, masks=10)
    assert "2 masks hold ignored pixels only and teach nothing: a, b" in empty.text
    assert "6 of 10 masks (60%) hold one class only" in single.text and single.severity == Severity.WARNING
    assert uniform_masks(3, [], 0, 10)[0].severity == Severity.NOTE
    assert uniform_masks(0, [], 0, 10) == []


def test_worst_comes_first_in_stable_order():
    found = [Finding("n", Severity.NOTE), Finding("w"), Finding("e", Severity.ERROR), Finding("w2")]
    assert [finding.text for finding in worst_first(found)] == ["e", "w", "w2", "n"]


def test_long_lists_are_cut():
    assert listed(["a", "b"]) == "a, b"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert listed(["a", "b"], count=10) == "a, b and 8 more"
