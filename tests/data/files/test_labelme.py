import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_files import encoded, stripes, write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.annotations import ShapeClasses
from deeplab_tf2.data.files.labelme import LabelmeReader
from deeplab_tf2.data.files.masks import MaskReader

SIZE = (20, 30)
CLASSES = ShapeClasses(("ground", "car", "tree"), 255, ("unsure",))


def shape(label, corners, kind="polygon", **more):
    return {"label": label, "points": corners, "shape_type": kind, "group_id": None, "flags": {}, **more}


def labels(tmp_path, *shapes, resize=False, size=SIZE, **fields):
    file = {"version": "5.2.1", "flags": {}, "shapes": shapes, "imagePath": "a.jpg", "imageData": None}
    path = write(tmp_path / "a.json", json.dumps({**file, "imageHeight": 20, "imageWidth": 30, **fields}))
    return LabelmeReader(CLASSES, resize).labels(path, size)


def test_later_shapes_lie_over_earlier_ones(tmp_path):
    found = labels(
        tmp_path,
        shape("car", [[0, 0], [10, 0], [10, 10], [0, 10]]),
        shape(" tree ", [[5, 5], [15, 15]], "rectangle"),
        shape("ground", [[2, 2], [4, 2], [4, 4], [2, 4]], None),
        shape("unsure", [[29, 20], [28, 19]], "rectangle"),
    )
    expected = np.zeros(SIZE, np.uint8)
    expected[:10, :10], expected[5:15, 5:15], expected[2:4, 2:4], expected[19, 28] = 1, 2, 0, 255
    np.testing.assert_array_equal(found, expected)


def test_circles(tmp_path):
    found = labels(tmp_path, shape("car", [[12, 10], [12, 17]], "circle"))
    rows, columns = np.mgrid[:20, :30] + 0.5
    distance = np.hypot(rows - 10, columns - 12)
    np.testing.assert_array_equal(found[abs(distance - 7) > 0.01], (distance < 7)[abs(distance - 7) > 0.01])


def test_a_file_without_shapes_is_all_ground(tmp_path):
    assert not labels(tmp_path).any()
    assert not labels(tmp_path, imageHeight=None, imageWidth=None).any()


def test_files_of_another_size(tmp_path):
    box = shape("car", [[0, 0], [20, 20]], "rectangle")
    with pytest.raises(InputError, match=r"a.json: the mask has 60 x 40 pixels, its image 30 x 20 .*--resize_masks"):
        labels(tmp_path, box, imageHeight=40, imageWidth=60)
    found = labels(tmp_path, box, imageHeight=40, imageWidth=60, resize=True)
    assert found.shape == SIZE and found[:10, :10].all() and found.sum() == 100


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (
            shape("cat", [[0, 0], [9, 0], [9, 9]]),
            r"no class is called 'cat' \(1 shapes\); classes are ground, car, tree",
        ),
        (shape("car", [[0, 0], [9, 9]], "line"), r"shape 1 \(car\): line of 2 points has no area"),
        (shape("car", [[0, 0]], "point"), "point of 1 points has no area"),
        (shape("car", [[0, 0], [9, 9]]), "polygon of 2 points has no area"),
        (shape("car", [[0, 0], [9, "9"], [1, 1]]), "no points"),
        (shape("car", "abc"), "no points"),
        ({"label": "car"}, "no points"),
        (shape("car", [[0, 0], [1, 1], [float("nan"), 2]]), "no points"),
        ({"points": []}, 'shape 1 has no "label"'),
        ([], 'shape 1 has no "label"'),
    ],
)
def test_shapes_that_cannot_be_drawn(tmp_path, bad, words):
    with pytest.raises(InputError, match=words):
        labels(tmp_path, bad)


def test_files_that_are_none(tmp_path):
    for text, words in (("{}", 'no list of "shapes"'), ("[", "is no JSON"), ('{"shapes": {}}', 'no list of "shapes"')):
        with pytest.raises(InputError, match=f"a.json: .*{words}"):
            LabelmeReader(CLASSES).labels(write(tmp_path / "a.json", text), SIZE)


def test_other_masks_are_read_by_another_source(tmp_path):
    path = write(tmp_path / "a.png", encoded(stripes()))
    reader = LabelmeReader(CLASSES, others=MaskReader())
    np.testing.assert_array_equal(reader.labels(path, SIZE), stripes())
    assert reader.encoded(path, SIZE).data == encoded(stripes())
    write(tmp_path / "b.JSON", '{"shapes": []}')
    assert reader.encoded(f"{tmp_path}/b.JSON", SIZE).counts[0] == 600


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["label", "points", "shape_type"]), inner)
    ),
    max_leaves=9,
)


@settings(max_examples=150, deadline=None)
@given(shapes=anything, height=anything)
def test_any_json_gives_labels_or_a_clear_error(tmp_path_factory, shapes, height):
    path = write(tmp_path_factory.mktemp("any") / "a.json", json.dumps({"shapes": shapes, "imageHeight": height}))
    try:
        assert LabelmeReader(CLASSES).labels(path, SIZE).shape == SIZE
    except InputError as error:
        assert path in str(error)
