import os

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.server_files import ServerFiles
from deeplab_tf2.pictures.palettes import default_colors

LABELS = np.arange(19, dtype=np.int32).reshape(1, 19)


def read(path):
    with Image.open(path) as image:
        return image.mode, np.asarray(image), np.asarray(image.convert("RGB"))


def test_voc_takes_palette_files_in_folders_of_its_own(tmp_path):
    files = ServerFiles("voc2012_comp5", str(tmp_path), "test", 21)
    path = files.save("JPEGImages/2008_000006.jpg", LABELS)
    assert path == f"{tmp_path}/results/VOC2012/Segmentation/comp5_test_cls/2008_000006.png"
    mode, numbers, colors = read(path)
    assert mode == "P"
    np.testing.assert_array_equal(numbers, LABELS)
    np.testing.assert_array_equal(colors[0], default_colors(19))
    assert ServerFiles("voc2012_comp6", str(tmp_path), "val", 21).folder.endswith("comp6_val_cls")


def test_cityscapes_takes_its_own_ids_in_grey(tmp_path):
    files = ServerFiles("cityscapes", str(tmp_path), "test_fine", 19)
    mode, numbers, _ = read(files.save("berlin_000000_000019_leftImg8bit", LABELS))
    assert mode == "L" and numbers[0, [0, 12, 18]].tolist() == [7, 25, 33]
    assert os.listdir(files.folder) == ["berlin_000000_000019_leftImg8bit.png"]


def test_what_a_server_cannot_take_is_refused(tmp_path):
    with pytest.raises(
        InputError, match="server_files is cityscapes, whose server knows 19 classes; the network has 21"
    ):
        ServerFiles("cityscapes", str(tmp_path), "test", 21)
    files = ServerFiles("voc2012_comp5", str(tmp_path), "test", 21)
    files.save("a/same.jpg", LABELS)
    with pytest.raises(InputError, match="two images are called 'same'"):
        files.save("b/same.png", LABELS)
