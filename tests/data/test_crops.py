"""The crop that fits the images, and images that are too small for a crop."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.crops import check_crop, small_images, suggested_crop


@pytest.mark.parametrize(
    ("sizes", "crop"),
    [
        ({(360, 480): 92}, (369, 481)),
        ({(1024, 2048): 5}, (513, 513)),
        ({(1, 1): 1}, (17, 17)),
        ({(65, 33): 9, (500, 400): 1}, (65, 33)),
        ({(65, 33): 8, (500, 400): 2}, (513, 401)),
    ],
)
def test_crops_hold_nine_tenths_of_the_images(sizes, crop):
    assert suggested_crop(sizes) == crop


def test_small_images_are_told_with_a_crop_that_fits():
    found = small_images({(100, 120): 60, (256, 256): 10, (600, 600): 5}, (513, 513))
    assert len(found) == 1
    assert "70 of 75 images" in found[0].text and "most are 120 x 100" in found[0].text
    assert "--train_crop_size=257,257" in found[0].text


@pytest.mark.parametrize("sizes", [{}, {(100, 300): 9}, {(100, 100): 1, (400, 400): 9}])
def test_images_that_fill_the_crop(sizes):
    assert small_images(sizes, (513, 513)) == []


def test_an_evaluation_crop_holds_the_largest_image():
    check_crop((369, 481), (360, 480), 16)
    with pytest.raises(InputError, match="use 369,481, or no crop"):
        check_crop((360, 479), (360, 480), 16)
