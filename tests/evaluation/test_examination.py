"""An examination brings together what its parts count."""

import dataclasses
import sys

import numpy as np
import pytest
from random_labels import CLASSES, IGNORE

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.boundary import Boundary
from deeplab_tf2.evaluation.calibration import Reliability
from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.evaluation.examination import Examination
from deeplab_tf2.evaluation.objects import ObjectSizes
from deeplab_tf2.evaluation.trimap import Trimap
from deeplab_tf2.evaluation.visualise import Example
from deeplab_tf2.pictures.palettes import default_colors

NAMES = ("ground", "disc", "ring")
DESCRIPTOR = Descriptor("toy", NAMES, default_colors(CLASSES))


def examples():
    rng = np.random.default_rng(0)
    for number in range(5):
        size = 20 + number, 30
        truth = rng.choice([0, 1, 2, IGNORE], size, p=[0.4, 0.3, 0.2, 0.1]).astype(np.int32)
        labels = np.where(rng.random(size) < number / 5, rng.integers(0, CLASSES, size), truth % 3).astype(np.int32)
        image = rng.integers(0, 256, (*size, 3), np.uint8)
        yield Example(f"photo {number}", image, labels, truth, rng.random(size).astype(np.float32))


def examined(images, **settings):
    examination = Examination(DESCRIPTOR, **settings)
    for example in images:
        examination.add(example)
    return examination.evaluation(split="val")


def same(one, other):
    for field in dataclasses.fields(one):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)


def test_every_part_counts_every_image():
    found = examined(examples())
    parts = ConfusionMatrix(CLASSES, IGNORE), Boundary(CLASSES, IGNORE), ObjectSizes(IGNORE), Reliability(IGNORE)
    confusion, boundary, sizes, reliability = parts
    trimap = Trimap(CLASSES, IGNORE, found.trimap.widths)
    for example in examples():
        for part in (confusion, boundary, sizes, trimap):
            part.update(example.truth, example.labels)
        reliability.update(example.truth, example.labels, example.confidence)
    np.testing.assert_array_equal(found.confusion, confusion.matrix)
    np.testing.assert_array_equal(found.boundary_iou, boundary.iou())
    for size, expected in zip(found.sizes, sizes.scores(), strict=True):
        same(size, expected)
    same(found.scores, confusion.scores())
    same(found.trimap, trimap.curve())
    same(found.calibration, reliability.calibration())
    assert (found.class_names, found.ignore_label, found.facts) == (NAMES, IGNORE, {"split": "val"})


def test_each_image_has_its_own_scores():
    found = examined(examples(), shown=2)
    for score, example in zip(found.images, examples(), strict=True):
        counted = ConfusionMatrix(CLASSES, IGNORE)
        counted.update(example.truth, example.labels)
        assert score.name == example.name
        assert (score.miou, score.pixel_accuracy) == (counted.scores().miou, counted.scores().pixel_accuracy)
        assert score.valid_pixels == (example.truth != IGNORE).sum()
    assert [shown.score.name for shown in found.worst] == ["photo 4", "photo 3"]
    assert [shown.score.name for shown in found.best] == ["photo 0", "photo 1"]


def test_what_was_not_asked_for_or_not_known_is_left_out():
    found = examined((dataclasses.replace(example, confidence=None) for example in examples()), trimap_widths=())
    assert found.trimap is None and found.calibration is None
    assert examined([]).images == () and np.isnan(examined([]).scores.miou)


def test_images_without_a_truth_are_refused():
    with pytest.raises(InputError, match="the split has no masks"):
        examined(dataclasses.replace(example, truth=None) for example in examples())


def test_without_scipy_only_the_sizes_are_missing(monkeypatch):
    full = examined(examples())
    monkeypatch.setitem(sys.modules, "scipy", None)
    found = examined(examples())
    assert full.sizes and not found.sizes
    np.testing.assert_array_equal(found.boundary_iou, full.boundary_iou)
    same(found.trimap, full.trimap)
