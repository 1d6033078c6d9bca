import json

import numpy as np
import pytest

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.annotations import ShapeClasses
from deeplab_tf2.data.files.coco import CocoReader, read_instances
from deeplab_tf2.data.files.labelme import LabelmeReader
from deeplab_tf2.data.files.outlines import outlines
from deeplab_tf2.inference.polygon_files import CocoFile, save_labelme, without_background
from deeplab_tf2.pictures.palettes import default_colors

NAMES = ("background", "disc", "ring")


def labels(seed, size=(23, 31)):
    """Specks, and a ring with a hole, in which another ring lies."""
    rng = np.random.default_rng(seed)
    found = (rng.random(size) < 0.02).astype(np.int32)
    y, x = np.indices(size)
    distance = np.maximum(abs(y - 11), abs(x - 15))
    found[(distance < 10) & (distance > 6)] = 2
    found[(distance < 5) & (distance > 1)] = 1
    return found


def described(names=NAMES):
    return Descriptor("toys", names, default_colors(len(names)))


@pytest.mark.parametrize("names", [NAMES, ("ground", *NAMES[1:])])
def test_our_readers_see_the_same_labels(tmp_path, names):
    descriptor, classes = described(names), ShapeClasses(names, 255)
    coco = CocoFile(str(tmp_path / "coco.json"), descriptor)
    for seed in range(3):
        parts = without_background(outlines(labels(seed)), descriptor)
        assert {part.label for part in parts} == ({1, 2} if names is NAMES else {0, 1, 2})
        path = save_labelme(
            str(tmp_path / f"{seed}.json"), str(tmp_path / "photos" / f"{seed}.jpg"), (23, 31), parts, descriptor
        )
        np.testing.assert_array_equal(LabelmeReader(classes).labels(path, (23, 31)), labels(seed))
        assert json.loads((tmp_path / f"{seed}.json").read_text())["imagePath"] == f"photos/{seed}.jpg"
        coco.add(f"{seed}.jpg", (23, 31), parts)
    path = coco.close()
    reader = CocoReader(read_instances(path), classes)
    for seed in range(3):
        np.testing.assert_array_equal(reader.labels(f"{path}#{seed + 1}", (23, 31)), labels(seed))


def test_coco_tells_areas_and_boxes(tmp_path):
    coco = CocoFile(str(tmp_path / "coco.json"), described())
    one = np.zeros((6, 8), np.int32)
    one[1:4, 2:7] = 1
    one[2, 3] = 0
    coco.add("empty.jpg", (3, 4), [])
    coco.add("one.jpg", one.shape, without_background(outlines(one), described()))
    file = json.loads((tmp_path / "coco.json").read_text()) if coco.close() else None
    assert file["categories"] == [{"id": 1, "name": "disc"}, {"id": 2, "name": "ring"}]
    assert [(image["file_name"], image["height"], image["width"]) for image in file["images"]] == [
        ("empty.jpg", 3, 4),
        ("one.jpg", 6, 8),
    ]
    (row,) = file["annotations"]
    assert (row["image_id"], row["category_id"], row["area"], row["bbox"]) == (2, 1, 14, [2, 1, 5, 3])
    assert row["iscrowd"] == 0 and len(row["segmentation"]) == 1


def test_a_file_is_there_once_it_is_closed(tmp_path):
    left = CocoFile(str(tmp_path / "coco.json"), described())
    left.add("a.jpg", (2, 2), [])
    assert not (tmp_path / "coco.json").exists()
    assert list(tmp_path.iterdir()) == [], "nothing that a process which is killed would leave"
    left.abandon()
    assert list(tmp_path.iterdir()) == []
    done = CocoFile(str(tmp_path / "coco.json"), described())
    done.close()
    done.abandon()
    assert json.loads((tmp_path / "coco.json").read_text())["annotations"] == []
