import io

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps
from toy_files import encoded, interlaced, palette_mask, picture, png_of_16_bits, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.mask_files import grey_png, is_grey_png, is_lossy, stored_values, transparent, upright

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
        (encoded(DEEP.astype(np.float32), "TIFF"), DEEP),
        (encoded(np.stack([LABELS] * 3, axis=-1)), LABELS),
        (encoded(Image.fromarray(LABELS).convert("LA")), LABELS),
        (encoded(Image.fromarray(LABELS).convert("RGBA"), "TIFF"), LABELS),
        (encoded(LABELS > 1, "TIFF"), LABELS > 1),
        (encoded(Image.fromarray(LABELS > 1), "TIFF", compression="group4"), LABELS > 1),
        (interlaced(LABELS), LABELS),
    ],
    ids=["8 bits", "2 bits", "palette", "16 bits", "16-bit tiff", "32-bit tiff", "16-bit pgm", "float tiff"]
    + ["equal channels", "alpha", "equal channels and alpha", "1-bit tiff", "fax", "interlaced"],
)
def test_values_as_stored(data, values):
    found = stored_values(*opened(data))
    assert found.dtype in (np.uint8, np.uint16)
    np.testing.assert_array_equal(found, values)


def test_pictures_hold_no_values():
    for data in (
        encoded(picture()),
        encoded(LABELS.astype(np.float32) + 0.5, "TIFF"),
        encoded(LABELS.astype(np.float32) * np.nan, "TIFF"),
        encoded(Image.fromarray(picture()).convert("LAB"), "TIFF"),
        encoded(-1 - DEEP.astype(np.int32), "TIFF"),
    ):
        with pytest.raises(InputError, match="legal are files whose pixels are class indices"):
            stored_values(*opened(data))


def test_the_colours_of_pictures_are_told():
    colors = np.array([(255, 128, 0)] * 5 + [(0, 0, 7)] * 3 + [(index, 0, 9) for index in range(8)], np.uint8)
    with pytest.raises(InputError, match="with #ff8000, #000007, #070009, .*#020009 and 2 more: its pixels are no"):
        stored_values(*opened(encoded(colors[None])))
    noise = np.arange(6000, dtype=np.uint16).view(np.uint8).reshape(40, 100, 3)
    with pytest.raises(InputError, match="with more than 1024 colours, as photographs have"):
        stored_values(*opened(encoded(noise)))


def test_what_is_transparent_may_have_any_colour():
    pixels = np.stack([LABELS, LABELS, LABELS, np.full_like(LABELS, 255)], axis=-1)
    pixels[0, :5] = (1, 2, 3, 0)
    image, data = opened(encoded(pixels))
    clear = transparent(image)
    assert clear.sum() == 5 and clear[0, :5].all()
    np.testing.assert_array_equal(stored_values(image, data)[~clear], LABELS[~clear])
    pixels[0, :5, 3] = 1
    with pytest.raises(InputError, match="colour picture with alpha"):
        stored_values(*opened(encoded(pixels)))
    assert transparent(Image.fromarray(LABELS)) is None


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_channels_of_16_bits_are_refused_not_cut(channels):
    """Pillow keeps the upper half of such channels: indices would all become 0."""
    data = png_of_16_bits(np.stack([LABELS.astype(np.uint16)] * channels, axis=-1))
    with pytest.raises(InputError, match="channels of 16 bits"):
        stored_values(*opened(data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_labels_turn_as_images_do(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    marked = LABELS.copy()
    marked[0, 0] = 9
    image, data = opened(encoded(marked, "PNG", exif=exif))
    np.testing.assert_array_equal(upright(np.asarray(image), image, data), np.asarray(ImageOps.exif_transpose(image)))


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
