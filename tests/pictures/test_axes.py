"""Axes: every value has a place, and the numbers beside them are round."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.pictures.axes import axis

numbers = st.lists(st.floats(-1e9, 1e9, allow_nan=False).map(lambda x: round(x, 6)), min_size=1, max_size=9)


@settings(max_examples=100, deadline=None)
@given(values=numbers, tight=st.booleans())
def test_every_value_has_a_place_and_ticks_are_round(values, tight):
    found = axis(values, tight=tight)
    places = found.places(np.array(values))
    assert (places >= -1e-9).all() and (places <= 1 + 1e-9).all()
    assert 2 <= len(found.ticks) <= 8 or max(values) - min(values) < 1e-3
    steps = np.diff(found.ticks)
    if max(map(abs, values)) < 1e4 * (max(values) - min(values) + 1e-12):
        np.testing.assert_allclose(steps, steps[0], rtol=1e-3)
        assert f"{steps[0]:.2e}"[0] in "125" or f"{steps[0]:.1e}"[:3] == "1.0"


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(1e-9, 1e6), min_size=1, max_size=6))
def test_logarithmic_axes(values):
    found = axis([*values, 0.0, -1.0], log=True)
    places = found.places(np.array(values))
    assert (places <= 1).all() and (places[np.array(values) >= max(values) / 1e4] >= 0).all()
    assert np.isnan(found.places(np.array([0.0, -1.0]))).all()
    assert all(f"{tick:e}"[0] in "123456789" and float(f"{tick:.0e}") == tick for tick in found.ticks)
    one, two, three = found.places(np.array([1.0, 10.0, 100.0]))
    assert math.isclose(two - one, three - two, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("values", "options", "labels"),
    [
        ([0.1, 0.9], {}, ("0.0", "0.2", "0.4", "0.6", "0.8")),
        ([0, 90_000], {"tight": True}, ("0", "20k", "40k", "60k", "80k")),
        ([0, 3e7], {"tight": True}, ("0", "10M", "20M", "30M")),
        ([0.81, 0.83], {"most": 4}, ("0.81", "0.82", "0.83")),
        ([1e-5, 9e-5], {}, ("0", "2e-5", "4e-5", "6e-5", "8e-5")),
        ([1e-6, 0.05], {"log": True}, ("1e-6", "1e-5", "1e-4", "0.001", "0.01")),
        ([0.002, 0.05], {"log": True, "most": 5}, ("0.002", "0.005", "0.01", "0.02", "0.05")),
        ([], {}, ("0.0", "0.2", "0.4", "0.6", "0.8", "1.0")),
        ([math.nan, 5.0], {"most": 4}, ("4", "6")),
    ],
)
def test_labels(values, options, labels):
    assert axis(values, **options).labels == labels
