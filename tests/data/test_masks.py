import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from toy_files import encoded, palette_mask, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data import masks

LABELS = stripes(labels=(0, 3, 11, 255))
GREY_2_BITS = stripes(labels=(0, 1, 2, 3))


def read_by_tensorflow(data):
    return tf.io.decode_png(data, channels=1).numpy()[..., 0]


def test_grey_masks_keep_their_bytes():
    data = encoded(LABELS)
    mask = masks.encode(data)
    assert mask.data == data
    assert (mask.height, mask.width) == LABELS.shape
    np.testing.assert_array_equal(mask.counts, np.bincount(LABELS.ravel(), minlength=256))


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        (encoded(palette_mask(LABELS)), LABELS),
        (encoded(palette_mask(GREY_2_BITS), bits=2), GREY_2_BITS),
        (encoded(palette_mask(LABELS), transparency=3), LABELS),
        (encoded(LABELS.astype(np.uint16)), LABELS),
        (encoded(GREY_2_BITS, bits=2), GREY_2_BITS),
        (encoded(GREY_2_BITS, bits=4), GREY_2_BITS),
        (encoded(Image.fromarray(stripes(labels=(0, 255))).convert("1")), stripes(labels=(0, 1))),
    ],
    ids=["palette", "palette of 2 bits", "palette with alpha", "16 bits", "2 bits", "4 bits", "1 bit"],
)
def test_other_masks_become_grey_indices(data, labels):
    mask = masks.encode(data)
    np.testing.assert_array_equal(read_by_tensorflow(mask.data), labels)
    np.testing.assert_array_equal(masks.decode(data), labels)
    np.testing.assert_array_equal(mask.counts, np.bincount(labels.ravel(), minlength=256))


def test_tensorflow_alone_would_not_read_palette_indices():
    assert (read_by_tensorflow(encoded(palette_mask(LABELS))) != LABELS).any()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (encoded(picture()), r"colour picture \(RGB\)"),
        (encoded(Image.fromarray(picture()).convert("RGBA")), r"with alpha \(RGBA\)"),
        (encoded(Image.fromarray(LABELS).convert("LA")), "grey with alpha"),
        (encoded(LABELS.astype(np.uint16) + 100), "values up to 355"),
        (encoded(LABELS, "JPEG"), "JPEG file, whose compression changes labels"),
        (encoded(LABELS, "BMP"), "BMP file"),
        (encoded(LABELS)[:-30], "truncated or damaged"),
        (b"", r"0 bytes"),
    ],
)
def test_what_is_no_index_mask_is_refused(data, words):
    with pytest.raises(InputError, match=words):
        masks.encode(data)


def test_refusals_say_what_is_legal():
    with pytest.raises(InputError, match="PNG files whose pixels are class indices"):
        masks.encode(encoded(picture()))


def counts(pixels):
    found = np.zeros(256, np.int64)
    for value, count in pixels.items():
        found[value] = count
    return found


@pytest.mark.parametrize("ignore_label", [255, 0, 3])
def test_classes_and_the_ignore_label_pass(ignore_label):
    masks.check_labels(counts({0: 5, 2: 1, ignore_label: 7}), 3, ignore_label)


def test_stray_labels_are_named_with_their_pixel_counts():
    with pytest.raises(InputError, match=r"37 \(1600 pixels\), 200 \(400 pixels\).*0 to 10.*ignore label 11"):
        masks.check_labels(counts({0: 5, 11: 3, 37: 1600, 200: 400}), 11, 11)
    with pytest.raises(InputError, match="--ignore_label=255"):
        masks.check_labels(counts({0: 5, 255: 3}), 11, 11)
    with pytest.raises(InputError, match="and 192 more values"):
        masks.check_labels(np.ones(256, np.int64), 55, 255)
