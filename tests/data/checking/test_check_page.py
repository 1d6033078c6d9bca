"""The page of a check holds what was found and what is suggested."""

import pathlib
import re

import numpy as np
import pytest
from html_outline import Outline
from toy_files import encoded, stripes, write, write_pairs

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.checking.check import check_dataset
from deeplab_tf2.data.checking.check_page import write_check_page
from deeplab_tf2.data.checking.sources import FileSource, RecordSource
from deeplab_tf2.data.label_weights import settled_weights
from deeplab_tf2.data.pairing.lists import Pair

NAMES = ("skin", "left_eye", "right_eye", "<b>hair</b>")
FACE = Descriptor("face & co", NAMES, ((0, 0, 0), (255, 0, 0), (0, 0, 255), (0, 255, 0)))


def page(tmp_path, source, descriptor):
    report = check_dataset(source, descriptor, crop_size=(33, 33))
    path = write_check_page(str(tmp_path / "check.html"), source, descriptor, report, "train")
    text = pathlib.Path(path).read_text(encoding="utf-8")
    return text, Outline(text), report


def test_a_sound_dataset(tmp_path, sample_records):
    descriptor = load_descriptor(sample_records)
    text, outline, report = page(tmp_path, RecordSource(sample_records, list(descriptor.splits)), descriptor)
    assert "Training may start." in outline.words and outline.tags.count("img") == 13
    train = descriptor.split("train")
    for label, name in enumerate(descriptor.class_names):
        color = "#{:02x}{:02x}{:02x}".format(*descriptor.colors[label])
        assert f"background:{color}" in text and name in outline.words
        assert f"{train.class_pixels[label]:,}" in outline.words
    for method in ("median_frequency", "effective_number"):
        assert f"--label_weights={method} " in outline.words
        typed = ",".join(map(str, settled_weights(descriptor, "train", method)))
        assert f"--label_weights={typed}" in outline.words
    crop = re.search(r"--train_crop_size=(\d+),(\d+) holds ([\d.]+) % of the images whole", outline.words)
    sizes = np.array(list(report.surveys["train"].image_sizes.elements()))
    assert 100 * (sizes <= (int(crop[1]), int(crop[2]))).all(1).mean() == pytest.approx(float(crop[3]), abs=0.06)
    assert outline.tags.count("svg") == 2
    pixels = np.array(train.class_pixels)
    assert f"{pixels.max() / pixels.sum() / len(pixels):.3f}" in outline.words


def test_a_bad_dataset(tmp_path):
    images, masks = write_pairs(tmp_path, ["a", "b", "c"], labels=(0, 1, 2))
    strange = write(tmp_path / "strange.png", encoded(stripes(labels=(0, 9))))
    torn = write(tmp_path / "torn.jpg", b"\xff\xd8\xff")
    train = [
        Pair("a", f"{images}/a.jpg", f"{masks}/a.png"),
        Pair("<i>odd</i>", f"{images}/b.jpg", strange),
        Pair("torn", torn, f"{masks}/c.png"),
    ]
    source = FileSource({"train": train, "val": [Pair("c", f"{images}/a.jpg", None)]})
    text, outline, report = page(tmp_path, source, FACE)
    assert "Training must not start" in outline.words and outline.tags.count("img") == 3
    assert "<i>odd</i>" in outline.words and "<b>hair</b>" in outline.words and not {"i", "b"} & set(outline.tags)
    for finding in report.findings:
        assert finding.text in outline.words
    assert "left_eye / right_eye" in outline.words and "found by name" in outline.words
    assert "torn.jpg: no image" in outline.words.split("Files to look at")[1]
    assert "Every image is 30 pixels wide and 20 high." in outline.words


@pytest.mark.parametrize("mask", [None, "empty"])
def test_a_dataset_without_any_class_still_has_a_page(tmp_path, mask):
    images, _ = write_pairs(tmp_path, ["a"])
    empty = mask and write(tmp_path / "empty.png", encoded(stripes(labels=(255,))))
    declared = FACE.replace(mirror_pairs=())
    _, outline, _ = page(tmp_path, FileSource({"train": [Pair("a", f"{images}/a.jpg", empty)]}), declared)
    assert "Training must not start" in outline.words and "--label_weights" not in outline.words
    assert "No pixel belongs to any class." in outline.words
    assert "(declared in descriptor.json): none." in outline.words


def test_a_dataset_without_any_image_still_has_a_page(tmp_path):
    source = FileSource({"train": [Pair("a", write(tmp_path / "a.jpg", b""), None)]})
    assert "No image could be read." in page(tmp_path, source, FACE)[1].words


def test_a_folder_that_is_not_there(tmp_path, sample_records):
    descriptor = load_descriptor(sample_records)
    source = RecordSource(sample_records, ["train"])
    report = check_dataset(source, descriptor, crop_size=(33, 33))
    with pytest.raises(InputError, match="cannot be written .*say --output"):
        write_check_page(str(tmp_path / "gone" / "check.html"), source, descriptor, report, "train")
