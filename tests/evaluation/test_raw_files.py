"""Files with predicted numbers keep what was predicted."""

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.raw_files import raw_ids, raw_name, read_raw
from deeplab_tf2.pictures.overlay import save_png


def test_no_name_replaces_another():
    taken = set()
    found = [raw_name(name, index, taken) for index, name in enumerate(["a/x", "x.jpg", "b/x", ""])]
    assert found == ["x.png", "x.jpg.png", "x_000002.png", "000003.png"]


def test_cityscapes_has_numbers_of_its_own():
    assert raw_ids("cityscapes", 19)[[0, 18]].tolist() == [7, 33]
    assert raw_ids("cityscapes", 8) is raw_ids("toy", 19) is raw_ids("classes", 19) is None


@pytest.mark.parametrize("ids", [None, raw_ids("cityscapes", 19)])
def test_numbers_come_back_as_classes(tmp_path, ids):
    labels = np.arange(19).reshape(1, 19)
    path = save_png(tmp_path / "a.png", (labels if ids is None else ids[labels]).astype(np.uint8))
    found = read_raw(path, labels, 19, 255, ids)
    assert found.dtype == np.int32 and (found == labels).all()


def test_other_numbers_are_named_unless_the_truth_is_ignored(tmp_path):
    path, truth = save_png(tmp_path / "a.png", np.array([[7, 255, 3, 254]], np.uint8)), np.array([[1, 1, 1, 255]])
    with pytest.raises(InputError, match=r"a.png holds 7, 255, which stand for no class; legal are 0\.\.4"):
        read_raw(path, truth, 5, 255)
    with pytest.raises(InputError, match=r"a.png holds 3, 255, which .* legal are 7, 8, 11"):
        read_raw(path, truth, 19, 255, raw_ids("cityscapes", 19))
    assert read_raw(path, np.array([[1, 255, 1, 255]]), 8, 255).tolist() == [[7, 255, 3, 255]]
