"""What is said about records before the first step."""

import numpy as np
import pytest
from test_pipeline import write_record

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.check import balance, check_records

TWO = Descriptor("two", ("ground", "crack"), ((0, 0, 0), (255, 0, 0)))


def test_a_sound_set_gives_no_finding(sample_records):
    assert check_records(sample_records, "train", load_descriptor(sample_records)) == []


def test_labels_out_of_range_are_errors_with_name_values_and_counts(tmp_path):
    mask = np.zeros((10, 10), np.uint8)
    mask[0, :3], mask[1, :2], mask[2] = 200, 37, 255
    write_record(tmp_path, mask)
    first, *others = check_records(str(tmp_path), "train", TWO)
    assert first.error and "mask of odd" in first.text and "37 (2 pixels), 200 (3 pixels)" in first.text
    assert not any(other.error for other in others)


def test_a_class_that_never_occurs_and_one_that_takes_all_are_told():
    texts = [finding.text for finding in balance(np.array([990, 10]), TWO)]
    assert len(texts) == 1
    assert "ground covers 99.0% of the pixels" in texts[0] and "0.495 mIoU" in texts[0]
    missing, dominant = balance(np.array([50, 0]), TWO)
    assert "no pixel belongs to crack" in missing.text and "100.0%" in dominant.text
    assert balance(np.array([0, 0]), TWO)[0].error


def test_a_split_that_is_not_there_is_named(sample_records):
    with pytest.raises(InputError, match="no records of the split 'night'"):
        check_records(sample_records, "night", load_descriptor(sample_records))


def test_a_mask_that_is_no_png_is_named(tmp_path):
    import tensorflow as tf

    from deeplab_tf2.data import schema

    with tf.io.TFRecordWriter(str(tmp_path / "train-00000-of-00001.tfrecord")) as writer:
        record = dict(image=b"x", filename="torn", image_format="png", height=1, width=1)
        writer.write(schema.encode(**record, label=b"no png"))
        writer.write(schema.encode(**record))
    texts = [finding.text for finding in check_records(str(tmp_path), "train", TWO) if finding.error]
    assert any("mask of torn is no PNG" in text for text in texts) and any("torn has no mask" in text for text in texts)
