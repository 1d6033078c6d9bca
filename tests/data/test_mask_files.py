import io

import numpy as np
import pytest
from PIL import Image
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.mask_files import grey_png, is_grey_png, is_lossy, stored_values

LABELS = stripes(labels=(0, 1, 2, 3))
DEEP = LABELS.astype(np.uint16) * 1000


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image, data


@pytest.mark.parametrize(
    ("data", "values"),
    [
        (encoded(LABELS), LABELS),
        (encoded(LABELS, bits=2), LABELS),
        (encoded(palette_mask(LABELS)), LABELS),
        (encoded(DEEP), DEEP),
        (encoded(DEEP, "TIFF"), DEEP),
        (encoded(DEEP.astype(np.int32), "TIFF"), DEEP),
        (encoded(DEEP, "PPM"), DEEP),
    ],
    ids=["8 bits", "2 bits", "palette", "16 bits", "16-bit tiff", "32-bit tiff", "16-bit pgm"],
)
def test_values_as_stored(data, values):
    found = stored_values(*opened(data))
    assert found.dtype in (np.uint8, np.uint16)
    np.testing.assert_array_equal(found, values)


def test_pictures_hold_no_values():
    for data in (
        encoded(picture()),
        encoded(LABELS.astype(np.float32), "TIFF"),
        encoded(-1 - DEEP.astype(np.int32), "TIFF"),
    ):
        with pytest.raises(InputError, match="legal are files whose pixels are class indices"):
            stored_values(*opened(data))


@pytest.mark.parametrize(
    ("kind", "options", "lossy"),
    [
        ("PNG", {}, False),
        ("WEBP", {"lossless": True}, False),
        ("WEBP", {}, True),
        ("JPEG", {}, True),
        ("TIFF", {"compression": "tiff_lzw"}, False),
        ("TIFF", {"compression": "jpeg"}, True),
    ],
)
def test_lossy_files(kind, options, lossy):
    assert is_lossy(*opened(encoded(picture(), kind, **options))) == lossy


def test_grey_png_is_what_tensorflow_reads():
    data = grey_png(LABELS)
    assert is_grey_png(*opened(data))
    np.testing.assert_array_equal(stored_values(*opened(data)), LABELS)
    for other in (encoded(palette_mask(LABELS)), encoded(LABELS, bits=2), encoded(DEEP), encoded(LABELS, "BMP")):
        assert not is_grey_png(*opened(other))
