import struct
import threading
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from toy_files import encoded, picture

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images

PICTURE = picture()
RGB = Image.fromarray(PICTURE)
ROTATED = Image.Exif()
ROTATED[0x0112] = 6


def read_by_tensorflow(data):
    return tf.io.decode_jpeg(data, channels=3, dct_method="INTEGER_ACCURATE").numpy()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (encoded(RGB, "JPEG"), "jpeg"),
        (encoded(RGB, "JPEG", progressive=True), "jpeg"),
        (encoded(RGB.convert("L"), "JPEG"), "jpeg"),
        (encoded(RGB), "png"),
        (encoded(RGB.convert("L")), "png"),
        (encoded(RGB.convert("RGBA")), "png"),
        (encoded(RGB.convert("LA")), "png"),
        (encoded(RGB.quantize(40)), "png"),
        (encoded(RGB.quantize(40), transparency=3), "png"),
        (encoded(RGB.convert("1")), "png"),
    ],
    ids=[
        "jpeg",
        "progressive",
        "grey-jpeg",
        "rgb",
        "grey",
        "rgba",
        "grey-alpha",
        "palette",
        "transparent",
        "1-bit",
    ],
)
def test_what_tensorflow_reads_right_keeps_its_bytes(data, kind):
    image = images.encode(data)
    assert (image.data, image.format, image.height, image.width) == (data, kind, 20, 30)
    np.testing.assert_array_equal(read_by_tensorflow(image.data), images.decode(data))


@pytest.mark.parametrize(
    ("data", "tolerance"),
    [
        (encoded(RGB.convert("CMYK"), "JPEG", quality=95), 12),
        (encoded(RGB, "BMP"), 0),
        (encoded(RGB, "TIFF"), 0),
        (encoded(RGB, "WEBP", lossless=True), 0),
    ],
    ids=["cmyk", "bmp", "tiff", "webp"],
)
def test_other_images_become_png(data, tolerance):
    image = images.encode(data)
    assert (image.format, image.height, image.width) == ("png", 20, 30)
    pixels = read_by_tensorflow(image.data)
    assert np.abs(pixels.astype(int) - PICTURE).max() <= tolerance
    np.testing.assert_array_equal(pixels, images.decode(data))


def test_16_bit_grey_is_divided_by_257():
    values = np.array([[0, 128, 129, 257, 32768, 65535]], np.uint16)
    image = images.encode(encoded(values))
    np.testing.assert_array_equal(read_by_tensorflow(image.data)[..., 0], [[0, 0, 1, 1, 128, 255]])


def test_exif_orientation_is_applied():
    stored = RGB.transpose(Image.Transpose.ROTATE_90)
    data = encoded(stored, "JPEG", exif=ROTATED, quality=95)
    image = images.encode(data)
    assert (image.format, image.height, image.width) == ("png", 20, 30)
    assert np.abs(read_by_tensorflow(image.data).astype(int) - PICTURE).mean() < 5
    np.testing.assert_array_equal(read_by_tensorflow(image.data), images.decode(data))


@pytest.mark.parametrize("verify", ["header", "full"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("kept", [0.1, 0.4, 0.8, 0.999])
def test_truncated_files_are_refused(verify, kind, kept):
    noise = np.random.default_rng(0).integers(0, 256, (80, 90, 3), dtype=np.uint8)
    data = encoded(noise, kind)
    with pytest.raises(InputError, match="truncated or damaged"):
        images.encode(data[: int(kept * len(data))], verify=verify)


def with_thumbnail(data):
    """A JPEG file with a whole small JPEG in a segment before its pixels, as cameras write them."""
    small = encoded(RGB.resize((8, 6)), "JPEG")
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(small) + 2) + small + data[2:]


@pytest.mark.parametrize("progressive", [False, True])
def test_the_end_of_a_thumbnail_is_not_that_of_the_photograph(progressive):
    data = with_thumbnail(encoded(RGB, "JPEG", progressive=progressive))
    for whole in (data, data + b"\0" * 40, data[:2] + b"\xff\xff" + data[2:]):
        assert images.encode(whole, verify="header").data == whole
    with pytest.raises(InputError, match="the end of the JPEG is missing"):
        images.encode(data[:-2], verify="header")


def test_full_checks_find_what_headers_hide():
    """A PNG whose chunks add up, but whose pixels are no pixels."""
    body = b"IDAT" + zlib.compress(b"far too short")
    rest = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    data = png_header(30, 20) + rest + end
    assert images.encode(data, verify="header").data == data
    with pytest.raises(InputError, match="truncated or damaged"):
        images.encode(data, verify="full")


def test_a_flipped_bit_in_a_png_is_found():
    data = bytearray(encoded(PICTURE))
    data[len(data) // 2] ^= 1
    with pytest.raises(InputError, match="truncated or damaged"):
        images.encode(bytes(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"<html>404</html>", "no image of a known format.*<html>40.*JPEG, PNG"),
        (encoded(Image.new("F", (4, 4)), "TIFF"), "32 bits"),
    ],
)
def test_what_is_no_image_is_refused(data, words):
    with pytest.raises(InputError, match=words):
        images.encode(data)


def png_header(width, height):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def test_huge_images_are_refused_from_their_header():
    rest = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(InputError, match="scale the image down"):
        images.encode(png_header(100_000, 100_000) + rest)
    with pytest.raises(InputError, match="30 x 20 pixels; at most 500"):
        images.encode(encoded(PICTURE), pixel_limit=500)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (20, 40)), (3, (20, 40)), (6, (40, 20)), (8, (40, 20))])
def test_the_displayed_size_is_that_of_the_decoded_image(orientation, size, kind):
    image = Image.new("RGB", (40, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, kind, exif=exif)
    assert images.displayed_size(data) == size == images.decode(data).shape[:2]


def test_large_images_are_taken_one_at_a_time():
    entered, leave = threading.Event(), threading.Event()
    order = []

    def hold():
        with images.alone_if_large(1 << 25):
            entered.set()
            leave.wait()
            order.append("first")

    def follow():
        with images.alone_if_large(1 << 25):
            order.append("second")

    first, second = threading.Thread(target=hold), threading.Thread(target=follow)
    first.start()
    entered.wait()
    second.start()
    with images.alone_if_large(1 << 24):
        order.append("small")
    leave.set()
    first.join()
    second.join()
    assert order == ["small", "first", "second"]
