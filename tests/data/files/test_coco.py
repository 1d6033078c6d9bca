import copy
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_run_length import packed, runs
from toy_files import write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.annotations import ShapeClasses
from deeplab_tf2.data.files.coco import CocoMasks, CocoReader, read_instances

SIZE = (20, 30)
FILE = {
    "categories": [{"id": 18, "name": "dog"}, {"id": 3, "name": "car", "supercategory": "vehicle"}],
    "images": [
        {"id": 7, "file_name": "a.jpg", "height": 20, "width": 30},
        {"id": 9, "file_name": "old/b_rgb.png", "height": 20, "width": 30},
    ],
    "annotations": [],
}


def annotation(category, segmentation, **more):
    return {"id": 1, "image_id": 7, "category_id": category, "segmentation": segmentation, "iscrowd": 0, **more}


def box(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


def reader(tmp_path, *annotations, names=None, resize=False, **fields):
    path = write(
        tmp_path / f"{len(list(tmp_path.iterdir()))}.json", json.dumps({**FILE, "annotations": annotations, **fields})
    )
    instances = read_instances(path)
    return CocoReader(instances, ShapeClasses(names or instances.class_names, 255, ("unsure",)), resize), path


def labels(tmp_path, *annotations, **settings):
    source, path = reader(tmp_path, *annotations, **settings)
    return source.labels(f"{path}#7", SIZE)


def test_classes_come_from_the_file(tmp_path):
    _, path = reader(tmp_path)
    assert read_instances(path).class_names == ("background", "car", "dog")


def test_small_ones_lie_over_large_ones_and_all_over_crowds(tmp_path):
    crowd = np.zeros(SIZE, bool)
    crowd[:, 20:] = True
    found = labels(
        tmp_path,
        annotation(18, [box(2, 2, 4, 4)], area=1e9),
        annotation(3, [box(0, 0, 9, 9), box(18, 0, 24, 2)], area=0),
        annotation(18, {"size": [20, 30], "counts": runs(crowd)}, iscrowd=1),
    )
    expected = np.where(crowd, 255, 0).astype(np.uint8)
    expected[:9, :9] = expected[:2, 18:24] = 1
    expected[2:4, 2:4] = 2
    np.testing.assert_array_equal(found, expected)


def test_packed_runs(tmp_path):
    mask = np.random.default_rng(0).random(SIZE) < 0.3
    found = labels(tmp_path, annotation(3, {"size": [20, 30], "counts": packed(runs(mask))}))
    np.testing.assert_array_equal(found, mask)


def test_other_names_and_sizes(tmp_path):
    found = labels(
        tmp_path, annotation(3, [box(0, 0, 9, 9)]), annotation(18, [box(9, 9, 12, 12)]), names=("dog", "car")
    )
    np.testing.assert_array_equal(np.bincount(found.ravel())[[0, 1, 255]], (9, 81, 510))
    with pytest.raises(InputError, match=r"json: no class is called 'car' \(2 shapes\); classes are ground, dog"):
        reader(tmp_path, annotation(3, []), annotation(3, []), names=("ground", "dog"))
    big = [{"id": 7, "file_name": "a.jpg", "height": 40, "width": 60}]
    with pytest.raises(InputError, match="json: a.jpg: the mask has 60 x 40 pixels, its image 30 x 20"):
        labels(tmp_path, images=big)
    assert labels(tmp_path, annotation(3, [box(0, 0, 20, 20)]), images=big, resize=True).sum() == 100


@pytest.mark.parametrize(
    ("segmentation", "words"),
    [
        ([], "a.jpg: annotation 1: it has no segmentation"),
        (None, "it has no segmentation"),
        ([[1, 2, 3, 4]], "at least three points"),
        ([[1, 2, 3, 4, 5, 6, 7]], "at least three points"),
        ([1, 2, 3], "at least three points"),
        ([["1"] * 6], "no points"),
        ({"size": [30, 20], "counts": [600]}, r"runs are of size \[30, 20\], the image of \[20, 30\]"),
        ({"size": [20, 30], "counts": [1]}, "do not add up"),
        ({"size": [20, 30], "counts": "\\"}, "do not add up"),
        ({}, "have no lengths"),
    ],
)
def test_annotations_that_cannot_be_drawn(tmp_path, segmentation, words):
    with pytest.raises(InputError, match=words):
        labels(tmp_path, annotation(3, segmentation))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"categories": None}, 'no list of "categories"'),
        ({"images": [1]}, 'no list of "images"'),
        ({"images": [{"id": "a", "file_name": "a.jpg"}]}, "an image or category has the id 'a'"),
        ({"images": [{"id": 1}]}, '"file_name" must be text'),
        ({"images": [{"id": 1, "file_name": "a"}, {"id": 2, "file_name": "a"}]}, "two images are called a"),
        ({"annotations": [annotation(99, [])]}, "annotation 1 is of no image or category"),
        ({"annotations": [annotation([3], [])]}, "annotation 1 is of no image or category"),
        ({"annotations": [{}]}, "annotation None is of no image"),
    ],
)
def test_files_that_are_none(tmp_path, fields, words):
    path = write(tmp_path / "bad.json", json.dumps({**FILE, **fields}))
    with pytest.raises(InputError, match=f"bad.json: .*{words}"):
        read_instances(path)


def test_masks_are_found_by_the_names_of_images(tmp_path):
    _, path = reader(tmp_path)
    masks = CocoMasks(read_instances(path), "_rgb")
    assert masks.masks("a") == masks.masks("train2017/a") == ["a"]
    assert masks.masks("old/b") == masks.masks("b") == ["old/b"]
    assert masks.masks("c") == []
    assert masks.full("old/b") == f"{path}#9"
    assert masks.find_mask("a.jpg", "train.txt:1") == "a"
    twice = [{"id": key, "file_name": f"{key}/a.jpg"} for key in (1, 2)]
    masks = CocoMasks(read_instances(reader(tmp_path, images=twice)[1]))
    assert masks.masks("a") == [] and masks.masks("2/a") == ["2/a"]


junk = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from(["size", "counts"]), inner),
    max_leaves=9,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["categories", "images", "annotations"]),
    st.sampled_from(
        ["id", "file_name", "name", "height", "width", "image_id", "category_id", "segmentation", "iscrowd", None]
    ),
    junk,
)
def test_any_json_gives_labels_or_a_clear_error(tmp_path_factory, section, key, value):
    file = copy.deepcopy({**FILE, "annotations": [annotation(3, [box(0, 0, 9, 9)])]})
    if key is None:
        file[section] = value
    else:
        file[section][0][key] = value
    path = write(tmp_path_factory.mktemp("any") / "a.json", json.dumps(file))
    try:
        instances = read_instances(path)
        source = CocoReader(instances, ShapeClasses(("background", "car", "dog"), 255))
        for image in instances.images:
            assert source.labels(f"{path}#{image}", SIZE).shape == SIZE
    except InputError as error:
        assert path in str(error)
