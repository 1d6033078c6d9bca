import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.annotations import ShapeClasses, canvas_size, parse


def test_objects_are_read_and_all_else_refused():
    assert parse(b'{"a": [1]}') == {"a": [1]}
    for data in (
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a": ' * 100_000,
        b"1" * 10_000,
        b'{"a": ' + b"9" * 9999 + b"}",
    ):
        with pytest.raises(InputError, match="is no JSON file"):
            parse(data)
    for data in (b"[]", b"3", b"null", b"NaN"):
        with pytest.raises(InputError, match="holds no JSON object"):
            parse(data)


def test_names_become_labels():
    classes = ShapeClasses(("ground", "car", "tree"), 255, ("unsure", ""))
    assert classes.labels(["tree", "ground", "unsure", "__ignore__", "_background_"]) == [2, 0, 255, 255, 0]
    words = r"no class is called 'cat' \(2 shapes\), '' \(1 shapes\); classes are ground, car, tree: add them"
    with pytest.raises(InputError, match=words):
        classes.labels(["cat", "car", "cat", ""])
    with pytest.raises(InputError, match="and 12 more"):
        classes.labels([str(number) for number in range(20)])


def test_sizes():
    assert canvas_size((None, None), (4, 6), False) == (4, 6)
    assert canvas_size((4, 6), (4, 6), False) == (4, 6)
    assert canvas_size((8, 12), (4, 6), True) == (8, 12)
    for declared, resize, words in (
        ((8, 12), False, "12 x 8 pixels, its image 6 x 4 .* say --resize_masks"),
        ((6, 4), True, "no scale makes them"),
        ((40_000, 60_000), True, "60000 x 40000 pixels"),
        (("4", 6), True, "says that its image has 6 x 4"),
        ((None, 6), True, "says that its image"),
        ((-4, -6), True, "says that its image"),
        ((True, 6), True, "says that its image"),
    ):
        with pytest.raises(InputError, match=words):
            canvas_size(declared, (4, 6), resize)
