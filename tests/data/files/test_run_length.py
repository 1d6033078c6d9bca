import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.run_length import filled, run_area, unpacked


def runs(mask):
    """The lengths of the runs of a mask [height, width], down its columns."""
    lengths, value = [0], False
    for pixel in mask.T.ravel():
        if pixel != value:
            lengths.append(0)
            value = not value
        lengths[-1] += 1
    return lengths


def packed(lengths):
    """The same as text: the way back."""
    text = ""
    for place, length in enumerate(lengths):
        value = length - (lengths[place - 2] if place > 2 else 0)
        more = True
        while more:
            code, value = value & 31, value >> 5
            more = value != (-1 if code & 16 else 0)
            text += chr((code | 32 * more) + 48)
    return text


@given(arrays.arrays(bool, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_masks_come_back(mask):
    lengths = runs(mask)
    assert unpacked(packed(lengths)) == lengths
    for counts in (lengths, packed(lengths)):
        np.testing.assert_array_equal(filled(counts, mask.shape), mask)
        assert run_area(counts) == mask.sum()


def test_long_runs_and_large_differences():
    lengths = [3, 100_000, 2, 7, 1_000_000, 5, 1, 2**31]
    assert unpacked(packed(lengths)) == lengths


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([5], "do not add up to 3 x 2 pixels"),
        ([1, 2, 9], "do not add up"),
        ([6, -6, 6], "have no lengths"),
        ([True, 5], "have no lengths"),
        ([2.0, 4], "have no lengths"),
        (None, "have no lengths"),
        ({"a": 1}, "have no lengths"),
        ("\x00", "packs no runs"),
        ("ü", "packs no runs"),
        ("o" * 99, "packs no runs"),
        ("", "do not add up"),
        ([10**30], "do not add up"),
    ],
)
def test_what_is_no_mask(counts, words):
    with pytest.raises(InputError, match=words):
        filled(counts, (2, 3))
