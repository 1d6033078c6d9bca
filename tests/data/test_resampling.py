"""A part of a resized image equals what is cut out of the whole one."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from deeplab_tf2.data.resampling import resize, resized_part

SIDE = st.integers(1, 40)


def check(size, scaled, offset, kept, dtype=np.uint8, channels=3):
    rng = np.random.default_rng(size[0])
    image = rng.integers(0, np.iinfo(dtype).max, (*size, channels), dtype=dtype, endpoint=True)
    label = rng.integers(0, 256, size, dtype=np.uint8)
    tensors = [tf.constant(value, tf.int32) for value in (scaled, offset, kept)]
    patch, mask = resized_part(tf.constant(image), tf.constant(label), *tensors)
    whole, labels = resize(tf.constant(image), tf.constant(label), tensors[0])
    rows, columns = (slice(begin, begin + count) for begin, count in zip(offset, kept, strict=True))
    assert patch.dtype == tf.float32 and mask.dtype == tf.int32
    np.testing.assert_allclose(patch, whole[rows, columns], rtol=0, atol=np.iinfo(dtype).max * 1e-6)
    np.testing.assert_array_equal(mask, labels[rows, columns])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_part_of_any_size(data):
    size, scaled = (data.draw(st.tuples(SIDE, SIDE)) for _ in range(2))
    kept = [data.draw(st.integers(1, side)) for side in scaled]
    offset = [data.draw(st.integers(0, side - count)) for side, count in zip(scaled, kept, strict=True)]
    check(size, scaled, offset, kept)


@pytest.mark.parametrize(
    ("scaled", "offset", "kept"),
    [
        ((30, 41), (3, 4), (9, 11)),
        ((30, 41), (0, 0), (30, 41)),
        ((60, 82), (0, 0), (60, 82)),
        ((60, 82), (51, 71), (9, 11)),
        ((15, 20), (1, 1), (13, 18)),
    ],
)
@pytest.mark.parametrize(("dtype", "channels"), [(np.uint16, 5), (np.uint8, 1)])
def test_the_image_as_it_is_the_whole_and_a_part(scaled, offset, kept, dtype, channels):
    check((30, 41), scaled, offset, kept, dtype, channels)


def test_resizing_is_the_official_operation():
    image = np.random.default_rng(0).integers(0, 256, (13, 9, 3), dtype=np.uint8)
    got, _ = resize(tf.constant(image), tf.constant(image[..., 0]), tf.constant([20, 31]))
    want = tf.compat.v1.image.resize_bilinear(image[None].astype(np.float32), (20, 31), align_corners=True)[0]
    np.testing.assert_array_equal(got, want)
    _, labels = resize(tf.constant(image), tf.constant(image[..., 0]), tf.constant([25, 17]))
    want = tf.compat.v1.image.resize_nearest_neighbor(image[None, ..., :1], (25, 17), align_corners=True)[0, ..., 0]
    np.testing.assert_array_equal(labels, want)


TRACED = """
import numpy as np
from deeplab_tf2.cli.quiet import quiet_tensorflow
quiet_tensorflow()
import tensorflow as tf
from deeplab_tf2.data.resampling import resized_part
image, label = np.zeros((20, 30, 3), np.uint8), np.zeros((20, 30), np.uint8)
places = [np.array(size, np.int32) for size in ((9, 7), (1, 2), (4, 4))]
next(iter(tf.data.Dataset.from_tensors((image, label, *places)).map(resized_part)))
"""


def test_no_operation_makes_libraries_talk():
    """oneDNN complains on the terminal, once in a process, of integers that it cannot speed up."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    result = subprocess.run([sys.executable, "-c", TRACED], capture_output=True, text=True, env=environment)
    assert (result.returncode, result.stderr) == (0, "")
