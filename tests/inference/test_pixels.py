import numpy as np
import pytest
from toy_files import encoded

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.pixels import decoded, pixels_of


def test_bytes_files_and_arrays_are_the_same_pixels(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    (tmp_path / "a.png").write_bytes(encoded(pixels))
    for found in (decoded(encoded(pixels)), pixels_of(tmp_path / "a.png"), pixels_of(pixels)):
        np.testing.assert_array_equal(found, pixels)
        assert found.dtype == np.uint8


def test_other_channels_have_sixteen_bits():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    found = pixels_of(grey, 1)
    assert found.shape == (3, 4, 1) and found.dtype == np.uint16
    np.testing.assert_array_equal(decoded(encoded(grey), 1), found)


def test_only_files_have_names():
    with pytest.raises(InputError, match="^the file is empty"):
        decoded(b"")
    with pytest.raises(InputError, match="^nowhere.png: cannot be read"):
        pixels_of("nowhere.png")
