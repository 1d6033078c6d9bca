"""Lines are cut where a point has no place, and thinned without losing what stands out."""

import numpy as np
import pytest

from deeplab_tf2.pictures.series import runs, thinned


def test_runs_are_what_lies_between_gaps():
    places = np.array([(np.nan, 1), (1, 1), (2, 2), (np.inf, 3), (np.nan, 4), (5, 5), (6, np.nan)])
    assert runs(places) == [[(1, 1), (2, 2)], [(5, 5)]]
    assert runs(np.empty((0, 2))) == []


def test_thinning_keeps_order_and_extremes():
    values = np.random.default_rng(0).normal(size=4_000)
    kept = thinned(np.stack([np.arange(4_000), values], 1), 100)
    assert len(kept) <= 200 and (np.diff(kept[:, 0]) > 0).all()
    assert kept[:, 1].max() == values.max() and kept[:, 1].min() == values.min()


@pytest.mark.parametrize("values", [np.arange(400.0), np.where(np.arange(500) == 7, np.nan, 1.0)])
def test_short_and_broken_lines_stay_whole(values):
    places = np.stack([np.arange(len(values)), values], 1)
    assert thinned(places, 100) is places
