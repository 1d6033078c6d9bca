"""Examples from records and from files are the same examples."""

import os
import re
import struct
import tempfile
import zlib

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_files import encoded, picture, stripes, write, write_pairs

from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.sources import FileSource, RecordSource
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.files.masks import MaskReader
from deeplab_tf2.data.pairing.lists import Pair, pair_files
from deeplab_tf2.pictures.palettes import default_colors


def test_records_and_files_give_the_same_examples(tmp_path):
    splits = pair_files(*write_pairs(tmp_path, ["a", "b", "c"])).splits
    descriptor = Descriptor("toy", ("x", "y", "z"), default_colors(3))
    convert(splits, str(tmp_path / "records"), descriptor, options=Options(num_shards=1))
    records, files = RecordSource(str(tmp_path / "records"), list(splits)), FileSource(splits)
    assert records.sizes() == files.sizes() == {"train": 2, "val": 1, "trainval": 3}
    for position in range(3):
        one, other = records.read("trainval", position), files.read("trainval", position)
        assert (one.name, one.image) == (other.name, other.image)
        np.testing.assert_array_equal(one.label, other.label)
        assert one.label.dtype == np.uint8 and one.label.shape == (20, 30)


def test_masks_of_files_are_decoded_as_asked(tmp_path):
    bright = encoded(np.full((20, 30), 255, np.uint8))
    image, mask = write(tmp_path / "a.png", encoded(picture())), write(tmp_path / "a_mask.png", bright)
    reader = MaskReader(binary=True)
    source = FileSource({"train": [Pair("a", image, mask), Pair("b", image, None)]}, reader)
    assert source.read("train", 0).label.min() == 1 and source.read("train", 1).label is None


def test_what_cannot_be_read_is_named(tmp_path):
    with tf.io.TFRecordWriter(str(tmp_path / "train-00000-of-00001.tfrecord")) as writer:
        writer.write(b"\xff no example")
    with pytest.raises(InputError, match=r"record 0 of train is no tf\.train\.Example"):
        RecordSource(str(tmp_path), ["train"]).read("train", 0)
    gone = FileSource({"train": [Pair("a", str(tmp_path / "gone.jpg"), None)]})
    with pytest.raises(InputError, match=r"gone\.jpg: cannot be read"):
        gone.read("train", 0)
    pair = Pair("a", write(tmp_path / "a.png", encoded(picture())), write(tmp_path / "bad.png", b"no png"))
    with pytest.raises(InputError, match=r"bad\.png: no image"):
        FileSource({"train": [pair]}).read("train", 0)


def test_a_mask_that_unpacks_to_too_much_is_refused_before_it_is_decoded(tmp_path):
    head = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))
    with tf.io.TFRecordWriter(str(tmp_path / "train-00000-of-00001.tfrecord")) as writer:
        writer.write(schema.encode(image=b"", filename="a", image_format="png", height=1, width=1, label=bomb))
    with pytest.raises(InputError, match="the mask of a has 20000 x 20000 pixels; at most"):
        RecordSource(str(tmp_path), ["train"]).read("train", 0)


SOUND = schema.encode(
    image=encoded(picture()), filename="a", image_format="png", height=20, width=30, label=encoded(stripes())
)
EDITS = st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=5)


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.binary(max_size=200), EDITS))
def test_any_bytes_are_an_example_or_a_clear_error(damage):
    record = bytearray(SOUND if isinstance(damage, list) else damage)
    for place, value in damage if isinstance(damage, list) else ():
        record[place] = value
    with tempfile.TemporaryDirectory() as folder:
        with tf.io.TFRecordWriter(os.path.join(folder, "train-00000-of-00001.tfrecord")) as writer:
            writer.write(bytes(record))
        try:
            example = RecordSource(folder, ["train"]).read("train", 0)
        except InputError as error:
            assert re.search(
                "record 0 of train|the mask of .* (is no PNG|has .* pixels; at most)", str(error), re.DOTALL
            )
        else:
            assert isinstance(example.image, bytes) and (example.label is None or example.label.dtype == np.uint8)
