"""Masks in one file a part."""

import numpy as np
import pytest
from miniatures import encoded
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.part_masks import PartMasks

SOURCE = PartMasks(("background", "skin", "nose"))


def part(columns, size=(4, 6), mode="RGB"):
    bright = np.zeros(size, np.uint8)
    bright[:, columns] = 255
    return encoded(Image.fromarray(bright).convert(mode))


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "RGBA"])
def test_later_parts_lie_over_earlier_ones(tmp_path, mode):
    (tmp_path / "00003_nose.png").write_bytes(part(slice(1, 3), mode=mode))
    (tmp_path / "00003_skin.png").write_bytes(part(slice(0, 4), mode=mode))
    labels = SOURCE.labels(f"{tmp_path}/00003", (4, 6))
    np.testing.assert_array_equal(labels, np.tile(np.uint8([1, 2, 2, 1, 0, 0]), (4, 1)))
    np.testing.assert_array_equal(SOURCE.labels(f"{tmp_path}/00003", (8, 12)), labels.repeat(2, 0).repeat(2, 1))
    assert SOURCE.encoded(f"{tmp_path}/00003", (8, 12)).counts[:3].tolist() == [32, 32, 32]


def test_what_is_wrong_is_told_with_the_file(tmp_path):
    with pytest.raises(InputError, match=r"00003_\*.png: there is no file of any part \(skin, nose\)"):
        SOURCE.labels(f"{tmp_path}/00003", (4, 6))
    (tmp_path / "00003_skin.png").write_bytes(part(slice(0, 4)))
    with pytest.raises(InputError, match="the mask has 6 x 4 pixels, its image 40 x 4"):
        SOURCE.labels(f"{tmp_path}/00003", (4, 40))
    (tmp_path / "00003_nose.png").write_bytes(part(slice(0, 4), (4, 7)))
    with pytest.raises(InputError, match=r"00003_nose.png: has \(7, 4\) pixels, the other parts \(6, 4\)"):
        SOURCE.labels(f"{tmp_path}/00003", (4, 6))
    (tmp_path / "00003_nose.png").write_bytes(b"cut")
    with pytest.raises(InputError, match="00003_nose.png: no image"):
        SOURCE.labels(f"{tmp_path}/00003", (4, 6))
