import json

import numpy as np
import pytest
from PIL import Image
from toy_panoptic import save_coco

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.panoptic.breakdown import Category
from deeplab_tf2.evaluation.panoptic.coco_format import pairs, read_overlaps, read_results

LEFT = np.arange(6) < np.full((4, 1), 2)
RIGHT = ~LEFT
NOWHERE = LEFT & RIGHT


def read(path, predicted, ignored=0):
    truth, found = read_results(path), read_results(predicted)
    (pair,) = pairs(truth, found)
    return read_overlaps(truth, found, pair, ignored)


def test_colours_number_segments_and_a_crowd_is_ignored(tmp_path):
    # Number 0 may be listed; what has no pixel is no segment.
    truth = save_coco(tmp_path, "truth", [[(LEFT, 0, 2, 0), (RIGHT, 5, 1, 1), (NOWHERE, 9, 1, 0)]])
    found = save_coco(tmp_path, "found", [[(RIGHT, 256**2 + 7, 1, 1), (NOWHERE, 3, 2, 0)]])
    overlap = read(truth, found)
    assert overlap.truth[:, 0].tolist() == [2, 0] and overlap.truth[1, 1] != 0
    assert overlap.predicted.tolist() == [[1, 2], [0, 0]]
    assert overlap.areas.tolist() == [[0, 8], [16, 0]]
    assert read_results(truth).categories == [Category(1, "person", True), Category(2, "grass", False)]


def test_pixels_of_no_listed_segment_are_void_in_the_truth_and_an_error_in_a_prediction(tmp_path):
    path = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0), (RIGHT, 5, 1, 0)]])
    content = json.loads((tmp_path / "truth.json").read_text())
    del content["annotations"][0]["segments_info"][1]
    (tmp_path / "truth.json").write_text(json.dumps(content))
    found = save_coco(tmp_path, "found", [[(LEFT, 4, 1, 0)]])
    assert read(path, found, ignored=3).truth.tolist() == [[1, 1], [3, 0]]
    with pytest.raises(InputError, match=r"0\.png has pixels of segment 5, which segments_info does not list"):
        read(found, path)


@pytest.mark.parametrize(
    "name",
    ["../found/0.png", "a/../../found/0.png", "..\\found\\0.png", "/found/0.png", "C:\\0.png", "gs://found/0.png"],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0)]])
    content = json.loads((tmp_path / "truth.json").read_text())
    content["annotations"][0]["file_name"] = name
    (tmp_path / "truth.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"truth\.json has the file_name .*, which leads out of .*truth: write"):
        read_results(str(tmp_path / "truth.json"))


def test_a_name_may_lie_in_a_folder_below(tmp_path):
    path = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0)]])
    (tmp_path / "below").mkdir()
    (tmp_path / "truth").rename(tmp_path / "below" / "..truth")
    (tmp_path / "truth.json").write_text((tmp_path / "truth.json").read_text().replace("0.png", "./..truth/0.png"))
    truth = read_results(path, str(tmp_path / "below"))
    (pair,) = pairs(truth, truth)
    assert read_overlaps(truth, truth, pair, 0).pixels == 24


def test_an_image_without_a_pixel_of_its_segments_is_refused(tmp_path):
    found = save_coco(tmp_path, "found", [[(LEFT, 4, 1, 0)]])
    truth = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0), (RIGHT, 5, 1, 0)]])
    file = tmp_path / "truth" / "0.png"
    with Image.open(file) as image:
        image.getchannel("R").save(file)
    told = r"truth/0\.png has no pixel of its segments, \[4, 5\]: its first pixel says 263172.*in colour"
    with pytest.raises(InputError, match=told):
        read(truth, found)
    with pytest.raises(InputError, match=r"nothing/0\.png has no pixel of its segments, \[9\]"):
        read(found, save_coco(tmp_path, "nothing", [[(NOWHERE, 9, 1, 0)]]))


def test_what_cannot_be_read_is_named(tmp_path):
    truth = save_coco(tmp_path, "truth", [[(LEFT, 4, 1, 0)], [(LEFT, 4, 1, 0)]])
    one = save_coco(tmp_path, "one", [[(LEFT[:2], 4, 1, 0)]])
    with pytest.raises(InputError, match=r"no prediction for 1 of 2 images, for example image_id 1 \(1\.png\)"):
        list(pairs(read_results(truth), read_results(one)))
    with pytest.raises(InputError, match=r"0\.png in .*one is \(2, 6\), its truth \(4, 6\)"):
        read(save_coco(tmp_path, "large", [[(LEFT, 4, 1, 0)]]), one)
    (tmp_path / "one" / "0.png").unlink()
    with pytest.raises(InputError, match=r"one/0\.png: cannot be read"):
        read(one, one)
    twice = save_coco(tmp_path, "twice", [[(LEFT, 4, 1, 0), (RIGHT, 4, 1, 0)]])
    with pytest.raises(InputError, match=r"segments of 0\.png have the ids \[4, 4\]; each needs one of its own"):
        read_results(twice)
    content = json.loads((tmp_path / "large.json").read_text())
    content["annotations"] *= 2
    (tmp_path / "double.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"double\.json has 2 annotations of 1 images"):
        read_results(str(tmp_path / "double.json"))
    (tmp_path / "list.json").write_text('{"annotations": [{"image_id": 1}]}')
    with pytest.raises(InputError, match="list.json is no panoptic file of COCO.*segments_info"):
        read_results(str(tmp_path / "list.json"))
