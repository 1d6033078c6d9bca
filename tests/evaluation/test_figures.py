"""Rows of pictures: what there is to show, no larger than needed."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.evaluation.figures import LARGEST, example_row
from deeplab_tf2.evaluation.visualise import Example

COLORS = [(0, 0, 0), (0, 255, 0)]


def row(truth, errors=False, size=(40, 50), label=1):
    labels = np.full(size, label, np.int32)
    example = Example("<b>name</b>", np.full((*size, 3), 100, np.uint8), labels, truth)
    text = example_row(example, COLORS, 255, errors)
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^\"]+)", text)]
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", text)
    return captions, [np.asarray(picture).astype(int) for picture in pictures]


def test_a_row_shows_what_there_is():
    truth = np.where(np.arange(50) < 25, 0, 1) * np.ones((40, 1), np.int32)
    words, (photo, true, seen, wrong) = row(truth, errors=True)
    assert words == ["photo", "truth", "prediction", "errors"]
    assert abs(photo - 100).max() < 3
    np.testing.assert_allclose(true[20, 5], [35] * 3, atol=4)
    np.testing.assert_allclose(seen[20, 5], [35, 201, 35], atol=6)
    assert wrong[20, 5, 0] > 180 and abs(wrong[20, 45] - 100).max() < 8
    assert row(truth)[0] == words[:3] and row(None, errors=True)[0] == ["photo", "prediction"]


def test_a_prediction_that_is_no_class_shows_the_photo():
    photo, seen = row(None, label=255)[1]
    assert abs(photo - seen).max() < 3


@pytest.mark.parametrize("size", [(900, 300), (40, 50)])
def test_pictures_are_reduced_and_never_enlarged(size):
    factor = min(1, LARGEST / max(size))
    for picture in row(None, size=size)[1]:
        assert picture.shape[:2] == tuple(round(side * factor) for side in size)
