import io

import numpy as np
import pytest
from PIL import Image
from toy_files import encoded, picture, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.binary_masks import binary_labels

SOFT = stripes(labels=(0, 20, 127, 128, 200, 255))
MEANT = stripes(labels=(0, 0, 0, 1, 1, 1))
BLACK_WHITE = np.where(MEANT, 255, 0).astype(np.uint8)


def opened(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    "data",
    [
        encoded(SOFT),
        encoded(Image.fromarray(SOFT).convert("RGB")),
        encoded(Image.fromarray(SOFT).convert("RGBA")),
        encoded(SOFT.astype(np.uint16) * 257),
        encoded(SOFT.astype(np.uint16)),
        encoded(Image.fromarray(BLACK_WHITE).convert("1")),
        encoded(Image.fromarray(BLACK_WHITE).convert("P")),
        encoded(BLACK_WHITE, "JPEG"),
        encoded(Image.fromarray(BLACK_WHITE).convert("RGB"), "JPEG"),
    ],
    ids=["grey", "rgb", "opaque rgba", "16 bits", "8 in 16 bits", "1 bit", "palette", "jpeg", "rgb jpeg"],
)
def test_half_bright_is_the_second_class(data):
    labels = binary_labels(opened(data))
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels, MEANT)


@pytest.mark.parametrize("value", [0, 255])
def test_masks_of_one_value(value):
    labels = binary_labels(Image.fromarray(np.full((4, 5), value, np.uint8)))
    np.testing.assert_array_equal(labels, np.full((4, 5), value > 0))


def test_what_is_not_black_and_white_is_refused():
    for image, words in (
        (Image.fromarray(picture()), "has colours; .*--label_map"),
        (Image.fromarray(stripes(labels=(0, 1))), "class indices: leave --binary_masks out"),
        (Image.fromarray(BLACK_WHITE).convert("RGBA").rotate(10), "transparent pixels"),
        (Image.fromarray(SOFT.astype(np.int32) << 20), "values up to 267386880; --binary_masks reads"),
    ):
        with pytest.raises(InputError, match=words):
            binary_labels(image)
    palette = Image.fromarray(stripes(labels=(0, 1)))
    palette.putpalette([0, 0, 0, 128, 0, 0])
    with pytest.raises(InputError, match="has colours"):
        binary_labels(palette)
