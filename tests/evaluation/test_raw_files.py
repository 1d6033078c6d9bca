"""Files with predicted numbers keep what was predicted."""

import numpy as np
import pytest
from PIL import Image

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


def test_numbers_may_exceed_a_byte(tmp_path):
    labels = np.arange(300).reshape(3, 100)
    path = save_png(tmp_path / "a.png", labels)
    np.testing.assert_array_equal(read_raw(path, labels, 300, 1000), labels)
    path = save_png(tmp_path / "b.png", labels % 7)
    np.testing.assert_array_equal(read_raw(path, labels, 300, 1000), labels % 7)


def test_numbers_in_a_lossy_file_are_refused(tmp_path):
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "a.png", "JPEG")
    with pytest.raises(InputError, match="a.png: this is a JPEG file, whose compression changes numbers"):
        read_raw(str(tmp_path / "a.png"), np.zeros((4, 5), np.int32), 5, 255)


def test_other_numbers_are_named_unless_the_truth_is_ignored(tmp_path):
    path, truth = save_png(tmp_path / "a.png", np.array([[7, 255, 3, 254]], np.uint8)), np.array([[1, 1, 1, 255]])
    with pytest.raises(InputError, match=r"a.png holds 7, 255, which stand for no class; legal are 0\.\.4"):
        read_raw(path, truth, 5, 255)
    with pytest.raises(InputError, match=r"a.png holds 3, 255, which .* legal are 7, 8, 11"):
        read_raw(path, truth, 19, 255, raw_ids("cityscapes", 19))
    assert read_raw(path, np.array([[1, 255, 1, 255]]), 8, 255).tolist() == [[7, 255, 3, 255]]
