"""What is said about records before the first step."""

import numpy as np
import pytest
from toy_files import encoded, stripes, write, write_pairs
from toy_records import write_record

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.checking.check import balance, check_dataset, check_records
from deeplab_tf2.data.checking.sources import FileSource, RecordSource
from deeplab_tf2.data.pairing.lists import Pair

TWO = Descriptor("two", ("ground", "crack"), ((0, 0, 0), (255, 0, 0)))


def test_a_sound_set_gives_no_finding(sample_records):
    assert check_records(sample_records, "train", load_descriptor(sample_records)) == []


def test_the_fast_part_compares_sizes_with_the_crop_and_counts_with_the_descriptor(sample_records):
    descriptor = load_descriptor(sample_records)
    (small,) = check_records(sample_records, "train", descriptor, (513, 513))
    assert not small.error and "10 of 10 images are less than half as high and wide" in small.text
    assert check_records(sample_records, "train", descriptor, (129, 129)) == []
    more = {**descriptor.splits, "train": descriptor.split("train").replace(examples=11)}
    (fewer,) = check_records(sample_records, "train", descriptor.replace(splits=more))
    assert fewer.error and "says 11 examples, the records hold 10" in fewer.text


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


def test_the_whole_dataset_worst_first(tmp_path, sample_records):
    descriptor = load_descriptor(sample_records)
    report = check_dataset(
        RecordSource(sample_records, list(descriptor.splits)), descriptor, crop_size=(513, 513), train_split="train"
    )
    assert report.may_train and report.surveys["train"].examples == 10
    assert [finding.text[:42] for finding in report.findings] == ["train: 10 of 10 images are less than half "]
    for split, survey in report.surveys.items():
        assert survey.class_pixels(descriptor).tolist() == list(descriptor.split(split).class_pixels)
        assert survey.class_images(descriptor).tolist() == list(descriptor.split(split).class_images)


def test_a_damaged_dataset_must_not_be_trained_on(tmp_path):
    images, masks = write_pairs(tmp_path, ["a", "b", "c", "d"], labels=(0, 1))
    train = [Pair(name, f"{images}/{name}.jpg", f"{masks}/{name}.png") for name in "abc"]
    strange = write(tmp_path / "strange.png", encoded(stripes(labels=(0, 9))))
    source = FileSource(
        {
            "train": [*train, Pair("odd", f"{images}/d.jpg", strange), Pair("bare", f"{images}/d.jpg", None)],
            "val": [Pair("copy", f"{images}/a.jpg", f"{masks}/a.png")],
            "test": [Pair("e", f"{images}/b.jpg", None)],
        }
    )
    report = check_dataset(source, TWO, crop_size=(33, 33))
    texts = [finding.text for finding in report.findings]
    assert not report.may_train and [finding.error for finding in report.findings[:3]] == [True, True, False]
    assert "train: the mask of odd has labels outside" in texts[0] and texts[1] == "train: bare has no mask"
    assert any("both in train and in val, byte by byte: copy = a" in text for text in texts)
    assert "test: no example has a mask: it serves for prediction only" in texts
    bare = FileSource({"test": [Pair("e", f"{images}/b.jpg", None)]})
    only_test = check_dataset(bare, TWO, crop_size=(33, 33), train_split="test")
    assert not only_test.may_train


def test_many_bad_masks_are_counted_not_listed(tmp_path):
    strange = Pair("odd", *(write(tmp_path / name, encoded(stripes(labels=(0, 9)))) for name in ("a.png", "b.png")))
    findings = check_dataset(FileSource({"train": [strange] * 30}), TWO, crop_size=(33, 33)).findings
    errors = [finding.text for finding in findings if finding.error]
    assert len(errors) == 21 and errors[-1] == "train: ... and 10 more like the last"


def test_records_that_the_descriptor_does_not_describe(sample_records):
    descriptor = load_descriptor(sample_records)
    fewer = descriptor.replace(splits={"val": descriptor.split("val").replace(examples=7)})
    report = check_dataset(RecordSource(sample_records, ["val"]), fewer, crop_size=(129, 129), train_split="val")
    assert not report.may_train
    assert "descriptor.json says 7 examples, the records hold 3" in report.findings[0].text


def test_strange_masks_are_explained_even_beside_sound_ones(tmp_path):
    images, masks = write_pairs(tmp_path, ["a", "b"], labels=(0, 1))
    grey = write(tmp_path / "grey.png", encoded(stripes(labels=(0, 100, 200))))
    pairs = [Pair("a", f"{images}/a.jpg", f"{masks}/a.png"), Pair("b", f"{images}/b.jpg", grey)]
    findings = check_dataset(FileSource({"train": pairs}), TWO, crop_size=(33, 33)).findings
    assert "in 1 of 2 masks, all labels are multiples of 100 (100, 200)" in findings[0].text
    assert "mask of b has labels outside" in findings[1].text
