"""One way to read the images of a dataset, whatever their channels and wherever they lie."""

import numpy as np
import pytest
from toy_files import encoded, picture

from deeplab_tf2.config import InputError
from deeplab_tf2.data.band_records import BandEncoder
from deeplab_tf2.data.decoding import Decoding


def test_photographs():
    data = encoded(picture())
    for stored in (False, True):
        decoding = Decoding(stored=stored)
        np.testing.assert_array_equal(decoding.pixels(data), picture())
        assert decoding.size(data) == decoding.checked_size(data) == (20, 30)


def test_other_channels_from_files_and_records():
    rgba = np.random.default_rng(0).integers(0, 256, (9, 7, 4)).astype(np.uint8)
    data = encoded(rgba, "WEBP", lossless=True, exact=True)
    stored = BandEncoder(4)(data).data
    for decoding, found in ((Decoding(4), data), (Decoding(4, stored=True), stored)):
        np.testing.assert_array_equal(decoding.pixels(found), rgba)
        assert decoding.size(found) == decoding.checked_size(found) == (9, 7)
    with pytest.raises(InputError, match="no image of 4 channels"):
        Decoding(4, stored=True).size(data)
