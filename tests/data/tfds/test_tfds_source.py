import io

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
import tiny_tfds
from PIL import Image
from toy_files import encoded, stripes

from deeplab_tf2.config import InputError
from deeplab_tf2.data.records import Records
from deeplab_tf2.data.tfds.tfds_features import find_layout
from deeplab_tf2.data.tfds.tfds_reference import Reference, open_builder
from deeplab_tf2.data.tfds.tfds_source import Examples

F = tfds.features


def examples_of(builder):
    return Examples(builder, find_layout(builder.info.features))


@pytest.mark.parametrize("file_format", ["tfrecord", "array_record"])
def test_stored_files_keep_their_bytes(tmp_path, file_format):
    builder = tiny_tfds.make_pets(tmp_path, file_format=file_format)
    examples = examples_of(open_builder(Reference.parse(f"tfds:{builder.data_dir}")))
    assert examples.sizes() == {"train": 4, "test": 2}
    assert examples.image("train[2]") == tiny_tfds.jpeg(2)
    assert examples.mask("test[1]") == encoded(stripes(labels=(1, 2, 3)))
    assert examples.name("test[1]") == "photo_101.jpg"


@pytest.mark.parametrize(
    ("feature", "labels"),
    [
        (F.Tensor(shape=(20, 30), dtype=np.int32), stripes()),
        (F.Tensor(shape=(20, 30, 1), dtype=np.uint8), stripes()[..., None]),
        (F.Tensor(shape=(None, 30), dtype=np.int64), stripes()),
        (F.Tensor(shape=(None, None), dtype=np.uint8, encoding="zlib"), stripes()),
        (F.Tensor(shape=(20, 30), dtype=np.bool_), stripes(labels=(0, 1)) > 0),
    ],
)
def test_arrays_become_files(tmp_path, feature, labels):
    features = F.FeaturesDict({"image": F.Tensor(shape=(20, 30, 3), dtype=np.uint8), "mask": feature})
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    example = {"image": pixels, "mask": labels.astype(feature.np_dtype)}
    builder = tiny_tfds.make(tmp_path, "arrays", features, {"train": [example]})
    examples = examples_of(builder)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(examples.image("train[0]")))), pixels)
    stored = np.asarray(Image.open(io.BytesIO(examples.mask("train[0]"))))
    np.testing.assert_array_equal(stored, np.squeeze(labels).astype(np.uint8))


def test_values_beyond_16_bits_are_refused(tmp_path):
    features = F.FeaturesDict({"image": F.Image(), "mask": F.Tensor(shape=(2, 2), dtype=np.int32)})
    masks = [np.full((2, 2), value, np.int32) for value in (-1, 70_000, 300)]
    pairs = [{"image": tiny_tfds.jpeg(0), "mask": mask} for mask in masks]
    examples = examples_of(tiny_tfds.make(tmp_path, "wide", features, {"train": pairs}))
    for position, words in ((0, "from -1 to -1"), (1, "from 70000 to 70000")):
        with pytest.raises(InputError, match=rf"train\[{position}\]: mask has values {words}"):
            examples.mask(f"train[{position}]")
    assert np.asarray(Image.open(io.BytesIO(examples.mask("train[2]")))).max() == 300


def test_damaged_examples_are_named(tmp_path):
    features = F.FeaturesDict(
        {"image": F.Image(), "mask": F.Tensor(shape=(None, None), dtype=np.uint8, encoding="zlib")}
    )
    pair = {"image": tiny_tfds.jpeg(0), "mask": stripes()}
    builder = tiny_tfds.make(tmp_path, "damaged", features, {"train": [pair] * 2})
    (path,) = builder.info.splits["train"].filepaths
    record = Records("", "train", [str(path)]).read(0)
    begin = record.index(b"x\x9c")
    spoiled = record[:begin] + bytes(8) + record[begin + 8 :]
    with tf.io.TFRecordWriter(str(path)) as writer:
        for data in (spoiled, b"\xff" * 40):
            writer.write(data)
    examples = examples_of(tfds.builder_from_directory(str(builder.data_dir)))
    with pytest.raises(InputError, match=r"train\[0\]: mask cannot be read"):
        examples.mask("train[0]")
    with pytest.raises(InputError, match=r"train\[1\] is damaged"):
        examples.image("train[1]")
