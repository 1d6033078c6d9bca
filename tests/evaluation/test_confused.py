"""Which classes are taken for each other, against the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_evaluation import CONFUSION

from deeplab_tf2.evaluation.confused import ConfusedPair, confused_pairs, most_confused


def test_pairs_of_a_matrix():
    road, sky, other = confused_pairs(CONFUSION, 12)
    assert road == ConfusedPair(2, 1, 60, 60 / 200, 60 / 90)
    assert (sky.truth, sky.predicted, other.truth, other.predicted) == (2, 0, 1, 0)
    assert confused_pairs(CONFUSION, 1) == [road] and confused_pairs(np.diag([3, 4]), 5) == []


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 9))
def test_no_pair_left_out_is_worse(seed, most):
    matrix = np.random.default_rng(seed).integers(0, 6, (5, 5))
    pairs = confused_pairs(matrix, most)
    wrong = matrix[~np.eye(5, dtype=bool)]
    assert [pair.pixels for pair in pairs] == sorted(wrong[wrong > 0], reverse=True)[:most]
    assert all(matrix[pair.truth, pair.predicted] == pair.pixels for pair in pairs)
    assert sum(pair.of_errors for pair in pairs) <= 1 + 1e-9
    for pair in pairs:
        assert pair.of_class == pytest.approx(pair.pixels / matrix[pair.truth].sum())


def test_classes_with_the_most_errors():
    assert most_confused(CONFUSION, 2) == [1, 2] and most_confused(CONFUSION, 9) == [0, 1, 2]
