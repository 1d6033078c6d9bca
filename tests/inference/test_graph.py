import gc
import io
import os
import subprocess
import sys
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import ModelConfig, Resizing
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.files.images import decode
from deeplab_tf2.data.pairing.lists import Pair
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.evaluation.evaluate import labeller
from deeplab_tf2.inference.graph import decode_images, labels_and_probabilities, pad_images, traced

SIZES = ((40, 52), (33, 65), (70, 31), (1, 18))


class Brightness(keras.Model):
    """Bright pixels are class 1; counts how often it is traced."""

    def __init__(self):
        super().__init__()
        self.config = ModelConfig()
        self.pad_pixel = (127.5,) * 3
        self.border = self.add_weight(shape=(), initializer="zeros", name="border")
        self.traces = 0

    def endpoints(self, images, training=None, scales=None, pooled=None):
        self.traces += 1
        bright = (images[..., 0] - self.border) / 50
        return {"logits": keras.ops.stack([-bright, bright], -1)}


def photo(height, width, seed=0):
    """Smooth patches and noise, so that compression has something to lose."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8))
    smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(smooth + rng.integers(-20, 21, smooth.shape), 0, 255).astype(np.uint8)


def saved(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def test_images_are_padded_and_labelled_as_in_evaluation(tmp_path, tiny):
    pairs = []
    for index, size in enumerate(SIZES):
        path = str(tmp_path / f"{index}.png")
        Image.fromarray(photo(*size, index)).save(path)
        pairs.append(Pair(str(index), path, None))
    records = str(tmp_path / "records")
    convert({"test": pairs}, records, tiny.descriptor, options=Options(num_shards=1))
    evaluated = labeller(tiny.model)
    for stride in (8, 16, 32):
        dataset = evaluation_dataset(records, "test", load_descriptor(records), output_stride=stride)
        for index, (example, size) in enumerate(zip(dataset, SIZES, strict=True)):
            padded = pad_images(photo(*size, index)[np.newaxis], stride, tiny.model.pad_pixel)
            np.testing.assert_array_equal(padded, example["image"])
            assert all(side % stride == 1 for side in padded.shape[1:3])
            if stride == tiny.model.config.output_stride:
                labels = evaluated(example["image"])[:, : size[0], : size[1]]
                found = labels_and_probabilities(tiny.model, photo(*size, index)[np.newaxis])
                np.testing.assert_array_equal(found["labels"], labels)


@pytest.mark.parametrize("size", [(64, 48), (37, 61), (3, 2), (1, 1)])
@pytest.mark.parametrize(
    "options",
    [
        {"format": "JPEG", "quality": 90},
        {"format": "JPEG", "quality": 30, "subsampling": 2},
        {"format": "JPEG", "quality": 75, "subsampling": 0},
        {"format": "JPEG", "quality": 75, "subsampling": 1, "progressive": True},
        {"format": "PNG"},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_files_decode_to_the_pixels_of_pillow(size, options):
    data = saved(Image.fromarray(photo(*size)), **options)
    np.testing.assert_array_equal(decode_images(tf.constant([data]))[0], decode(data))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "1"])
def test_grey_palette_and_transparent_png_decode_alike(mode):
    data = saved(Image.fromarray(photo(23, 31)).convert(mode), format="PNG")
    np.testing.assert_array_equal(decode_images(tf.constant([data]))[0], decode(data))


def test_grey_jpeg_and_png_share_a_batch():
    files = [
        saved(Image.fromarray(photo(20, 30)).convert("L"), format="JPEG"),
        saved(Image.fromarray(photo(20, 30, 1)), format="PNG"),
    ]
    batch = decode_images(tf.constant(files))
    np.testing.assert_array_equal(batch, np.stack([decode(data) for data in files]))


def test_one_trace_serves_all_sizes_and_follows_the_weights():
    model = Brightness()
    model.border.assign(100.5)
    for size in SIZES:
        image = photo(*size)[np.newaxis]
        labels = traced(model)(image)["labels"].numpy()
        np.testing.assert_array_equal(labels, image[..., 0] > 100.5)
    model.border.assign(300.0)
    assert not traced(model)(photo(9, 9)[np.newaxis])["labels"].numpy().any()
    assert model.traces == 1


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_are_told_what_to_set(backend):
    pytest.importorskip(backend, reason=f"{backend} is not installed")
    script = "from deeplab_tf2.inference.graph import check_backend; check_backend()"
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
    assert f"KERAS_BACKEND is {backend}; prediction and export need tensorflow" in answer.stderr


def test_a_model_that_is_no_longer_used_is_freed():
    model = Brightness()
    traced(model)(photo(9, 9)[np.newaxis])
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("size", [(20, 31), (64, 48), (50, 50)])
def test_resized_images_come_back_at_their_size(size):
    model = Brightness()
    model.border.assign(120.3)
    image = photo(*size)[np.newaxis]
    found = labels_and_probabilities(model, image, Resizing(40, 60, 16))
    resized = [min(int(side * 40 / min(size)), 10**6) for side in size]
    if max(resized) > 49:
        resized = [int(np.float32(side) * np.float32(49 / max(size))) for side in size]
    resized = [-(-(side - 1) // 16) * 16 + 1 for side in resized]
    small = tf.compat.v1.image.resize_bilinear(image.astype(np.float32), resized, align_corners=True)
    bright = (small[..., :1] - 120.3) / 50
    labels = tf.compat.v1.image.resize_nearest_neighbor(tf.cast(bright > 0, tf.int32), size, align_corners=True)
    shares = tf.compat.v1.image.resize_bilinear(tf.sigmoid(2 * bright), size, align_corners=True)
    np.testing.assert_array_equal(found["labels"], labels[..., 0])
    np.testing.assert_allclose(found["probabilities"][..., 1], shares[..., 0], atol=1e-5)
