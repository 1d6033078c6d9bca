import threading

import numpy as np
import pytest
from odd_images import bomb
from toy_files import encoded

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.images import alone_if_large
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


def test_large_files_are_decoded_one_at_a_time():
    found = []
    large = threading.Thread(target=lambda: found.append(decoded(bomb(5000)).shape))
    with alone_if_large(1 << 25):
        large.start()
        assert decoded(encoded(np.zeros((7, 9, 3), np.uint8))).shape == (7, 9, 3)
        large.join(1)
        assert not found
    large.join()
    assert found == [(5000, 5000, 3)]
