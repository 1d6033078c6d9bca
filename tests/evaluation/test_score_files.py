"""The files of an evaluation: everything, exact, and readable by other programs."""

import csv
import json

import numpy as np
import pytest
from test_examination import examined, examples

from deeplab_tf2.evaluation.score_files import save_scores, to_json


@pytest.fixture(scope="module")
def evaluation():
    return examined(examples())


def rows(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


def test_json_holds_everything_that_was_found(evaluation):
    found = to_json(evaluation)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["split"] == "val" and found["confusion"] == evaluation.confusion.tolist()
    assert found["miou"] == evaluation.scores.miou and found["mean_dice"] == evaluation.scores.mean_dice
    assert [entry["boundary_iou"] for entry in found["classes"]] == evaluation.boundary_iou.tolist()
    assert found["classes"][1]["truth_pixels"] == evaluation.confusion[1].sum()
    assert found["trimap"]["miou"] == evaluation.trimap.miou.tolist()
    assert found["calibration"]["pixels"] == evaluation.calibration.pixels.tolist()
    assert [entry["objects"] for entry in found["sizes"]] == [size.objects for size in evaluation.sizes]
    assert [entry["miou"] for entry in found["image_scores"]] == [image.miou for image in evaluation.images]
    assert found["miou_without_ignored_class"] is None


def test_what_has_no_value_is_null():
    found = to_json(examined([], trimap_widths=()))
    assert found["miou"] is found["classes"][0]["iou"] is found["trimap"] is found["sizes"][0]["recall"] is None


def test_tables_are_those_of_the_json_file(evaluation, tmp_path):
    paths = save_scores(evaluation, str(tmp_path))
    names = [f"val_{name}" for name in ("scores.json", "classes.csv", "confusion.csv", "images.csv")]
    assert list(paths) == [str(tmp_path / name) for name in names]
    found, classes, confusion, images = json.loads((tmp_path / names[0]).read_text()), *map(rows, paths[1:])
    assert classes[0][:2] == ["name", "iou"] and len(classes) == 4
    assert [float(row[1]) for row in classes[1:]] == [entry["iou"] for entry in found["classes"]]
    assert confusion[0] == ["true", "ground", "disc", "ring"]
    assert np.array_equal(np.array(confusion)[1:, 1:].astype(int), evaluation.confusion)
    assert [row[0] for row in images] == ["name"] + [f"photo {number}" for number in range(5)]


def test_a_split_without_images_has_empty_tables(tmp_path):
    save_scores(examined([]), str(tmp_path))
    assert rows(tmp_path / "val_images.csv") == []
