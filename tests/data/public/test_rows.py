"""What a row of a public dataset says."""

import numpy as np
import pytest
from miniatures import encoded, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.rows import ClassTable
from deeplab_tf2.data.public.sets import find_set

COLORS = ((0, 0, 0), (9, 9, 9))


def test_values_of_a_table():
    table = ClassTable(("a", "b"), COLORS, values=(3, 7), ignored=(0, 1))
    reader = table.reader("toys")
    np.testing.assert_array_equal(
        reader.decode(encoded(stripes([7, 3, 0, 1, 255, 255]))), stripes([1, 0, 255, 255, 255, 255])
    )
    with pytest.raises(InputError, match="the table of toys does not have"):
        reader.decode(encoded(stripes([3, 8])))
    descriptor = table.descriptor("toys")
    assert (descriptor.name, descriptor.class_names, descriptor.ignore_label) == ("toys", ("a", "b"), 255)


def test_what_a_split_needs():
    row = find_set("pascal_voc_seg")
    names = {split: [archive.file for archive in row.needed((split,))] for split in row.expected}
    assert names["train"] == ["VOCtrainval_11-May-2012.tar"] == names["trainval"]
    assert names["train_aug"] == ["VOCtrainval_11-May-2012.tar", "benchmark.tgz"]
    assert names["test"] == ["VOCtrainval_11-May-2012.tar", "VOC2012test.tar"]
