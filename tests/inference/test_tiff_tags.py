import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.inference.tiff_tags import orientation


@pytest.mark.parametrize("kind", [{}, {"bigtiff": True}, {"byteorder": ">"}, {"bigtiff": True, "byteorder": ">"}])
@pytest.mark.parametrize("turned", [None, 1, 6])
def test_every_kind_of_tiff_says_how_it_lies(tmp_path, kind, turned):
    tifffile = pytest.importorskip("tifffile", reason="the extra bands is not installed")
    tags = [] if turned is None else [(274, "H", 1, turned, True)]
    tifffile.imwrite(tmp_path / "image.tif", np.zeros((20, 30, 3), np.uint8), extratags=tags, **kind)
    with open(tmp_path / "image.tif", "rb") as file:
        assert orientation(file) == (turned or 1)


def test_pillow_says_it_in_the_same_place(tmp_path):
    exif = Image.Exif()
    exif[274] = 8
    Image.new("RGB", (30, 20)).save(tmp_path / "image.tif", exif=exif)
    with open(tmp_path / "image.tif", "rb") as file:
        assert orientation(file) == 8
