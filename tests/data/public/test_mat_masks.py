"""Masks in MATLAB files."""

import numpy as np
import pytest
from miniatures import encoded, mat, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.class_tables import COCO_STUFF_10K, VOC
from deeplab_tf2.data.public.mat_masks import MatMasks, check_installed

SIZE = (8, 24)


@pytest.fixture
def source():
    return MatMasks(VOC.reader("toys"), ("GTcls", "Segmentation"))


def written(tmp_path, data, name="a.mat"):
    (tmp_path / name).write_bytes(data)
    return str(tmp_path / name)


def test_nested_variables(tmp_path, source):
    values = stripes([0, 20, 255])
    path = written(tmp_path, mat(GTcls={"Boundaries": np.zeros(3), "Segmentation": values.astype(np.uint8)}))
    np.testing.assert_array_equal(source.labels(path, SIZE), values)
    packed = source.encoded(path, SIZE)
    assert packed.counts[[0, 20, 255]].tolist() == [64, 64, 64]


def test_doubles_that_are_whole(tmp_path):
    source = MatMasks(COCO_STUFF_10K.reader("toys"), ("S",))
    path = written(tmp_path, mat(S=stripes([0.0, 1.0, 182.0])))
    np.testing.assert_array_equal(source.labels(path, SIZE), stripes([255, 0, 170]))
    for strange, why in ((0.5, "values outside the whole numbers"), (12.0, "does not have")):
        with pytest.raises(InputError, match=f"a.mat: .*{why}"):
            source.labels(written(tmp_path, mat(S=stripes([0.0, strange]))), SIZE)


def test_other_files_are_left_to_the_reader(tmp_path, source):
    path = written(tmp_path, encoded(stripes([0, 5])), "a.png")
    np.testing.assert_array_equal(source.labels(path, SIZE), stripes([0, 5]))


def test_what_is_wrong_is_told_with_the_file(tmp_path, source):
    good = mat(GTcls={"Segmentation": stripes([0, 1]).astype(np.uint8)})
    with pytest.raises(InputError, match="a.mat: the mask has 24 x 8 pixels, its image 20 x 8"):
        source.labels(written(tmp_path, good), (8, 20))
    for data in (b"", b"MATLAB 5.0", good[:200], mat(S=stripes([0])), mat(GTcls={"Other": 1}), mat(GTcls=stripes([0]))):
        with pytest.raises(InputError, match="a.mat: no MATLAB file with GTcls.Segmentation"):
            source.labels(written(tmp_path, data), SIZE)
    for value in ("text", np.zeros((2, 2, 2)), np.zeros((0, 0))):
        with pytest.raises(InputError, match="a.mat: .*is no array of labels"):
            source.labels(written(tmp_path, mat(GTcls={"Segmentation": value})), SIZE)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'deeplab-tf2\[scipy\]'"):
        check_installed()
