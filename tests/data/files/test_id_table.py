import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.id_table import IdTable, listed

TABLE = IdTable({0: 0, 7: 1, 8: 1, 9: 2, 65535: 255}, "map.csv")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_values_become_labels(dtype):
    values = np.array([[0, 7, 8], [9, 9, 65535 if dtype == np.uint16 else 0]], dtype)
    labels = TABLE.labels(values)
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, [[0, 1, 1], [2, 2, 255 if dtype == np.uint16 else 0]])


def test_other_values_are_named_with_their_counts_and_what_there_is():
    with pytest.raises(
        InputError, match=r"values 1 \(2 pixels\), 300 \(1 pixels\), which map.csv .*0, 7 to 9, 65535: add"
    ):
        TABLE.labels(np.array([1, 0, 300, 1], np.uint16))


def test_many_values_and_ranges_are_cut():
    table = IdTable({2 * value: value for value in range(20)}, "map.csv")
    with pytest.raises(
        InputError, match=r"15 \(1 pixels\) and 12 more values, .* 0, 2, 4, 6, 8, 10, 12, 14, \.\.\.: add"
    ):
        table.labels(np.arange(1, 40, 2, dtype=np.uint8))
    assert listed({3: 2}) == "3 (2 pixels)"
