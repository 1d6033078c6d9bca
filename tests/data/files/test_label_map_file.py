import importlib.util
import json

import numpy as np
import pytest
from toy_files import write

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import TRANSPARENT, Entry
from deeplab_tf2.data.files.label_map_file import read_label_map

ROWS = [
    {"name": "background", "id": 0, "color": [0, 0, 255]},
    {"name": "hair", "ids": [3, 4], "color": "#FF0000", "mirror": "skin"},
    {"name": "skin", "id": 700, "colors": ["#00ff00", [0, 254, 0], "transparent"]},
    {"ignore": True, "id": 9, "color": "#ffffff"},
    {"name": "unsure", "ignore": True, "ids": [10, 11]},
]
CLASSES = (
    Entry("background", (0,), (0x0000FF,)),
    Entry("hair", (3, 4), (0xFF0000,), "skin"),
    Entry("skin", (700,), (0x00FF00, 0x00FE00, TRANSPARENT)),
)
IGNORED = (Entry("", (9,), (0xFFFFFF,)), Entry("unsure", (10, 11)))


def read(folder, content, name="map.json"):
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return read_label_map(write(folder / name, text))


@pytest.mark.parametrize("content", [ROWS, {"classes": ROWS}], ids=["list", "object"])
def test_json(tmp_path, content):
    found = read(tmp_path, content)
    assert (found.classes, found.ignored, found.by_colors) == (CLASSES, IGNORED, False)
    assert found.path == f"label_map {tmp_path}/map.json"


YAML = """
classes:
- {name: background, id: 0, color: [0, 0, 255]}
- {name: hair, ids: [3, 4], color: "#FF0000", mirror: skin}
- name: skin
  id: 700
  colors: ["#00ff00", [0, 254, 0], transparent]
- {ignore: true, id: 9, color: "#ffffff"}
- {name: unsure, ignore: yes, ids: [10, 11]}
"""


@pytest.mark.parametrize("name", ["map.yaml", "map.YML"])
def test_yaml(tmp_path, name):
    if importlib.util.find_spec("yaml"):
        found = read(tmp_path, YAML, name)
        assert (found.classes, found.ignored) == (CLASSES, IGNORED)
    else:
        with pytest.raises(InputError, match=r"pip install 'deeplab-tf2\[yaml\]'"):
            read(tmp_path, YAML, name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- {name: [", "map.yaml is damaged"),
        ("- {name: sky, color: #ff0000}", "is damaged: .*colors are written in quotes"),
        ("- name: sky\n  color: #ff0000", "entry 1 .*color None; legal are"),
        ("- !!python/object/apply:os.getcwd []", "is damaged: could not determine a constructor"),
        ("&a [*a, *a]", "no object"),
    ],
)
def test_bad_yaml(tmp_path, text, words):
    pytest.importorskip("yaml")
    with pytest.raises(InputError, match="(?s)" + words):
        read(tmp_path, text, "map.yaml")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(tmp_path, delimiter):
    text = """\ufeffName,id,r,g,b,colors,ignore,mirror
background,0,0,0,255,,,
hair,3 4,255,0,0,,no,skin

skin,700,,,,#00ff00|#00fe00|transparent,false,
,9,255,255,255,,yes,
unsure,10|11,,,,,true
"""
    found = read(tmp_path, text.replace(",", delimiter).replace("\n", "\r\n"), "map.CSV")
    assert (found.classes, found.ignored) == (CLASSES, IGNORED)


def test_a_table_of_colours_alone_numbers_the_classes(tmp_path):
    """class_dict.csv as many published sets have it."""
    found = read(tmp_path, "name, r, g, b\nsky, 128, 128, 128\nroad, 128, 64, 128\n", "class_dict.csv")
    assert found.by_colors
    assert found.classes == (Entry("sky", (0,), (0x808080,)), Entry("road", (1,), (0x804080,)))


def test_names_alone_number_the_classes(tmp_path):
    found = read(tmp_path, [{"name": "sky"}, {"name": "road"}])
    assert [entry.ids for entry in found.classes] == [(0,), (1,)]
    assert not found.by_colors


def test_a_class_may_have_a_color_only(tmp_path):
    found = read(tmp_path, [{"name": "sky", "id": 5}, {"name": "road", "color": "0 0 7"}])
    assert [entry.ids for entry in found.classes] == [(5,), ()]
    assert found.classes[1].colors == (7,)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": "x", "colour": "#ffffff"}, "unknown key 'colour'; legal are name, id, ids, color"),
        ({"id": 1}, 'a class needs a "name"'),
        ({"name": " ", "id": 1}, 'a class needs a "name"'),
        ({"name": 3, "id": 1}, "name and mirror must be text"),
        ({"name": "a\nb", "id": 1}, "text of one line"),
        ({"name": "x", "id": -1}, "id -1; legal are whole numbers from 0 to 65535"),
        ({"name": "x", "id": 65536}, "id 65536"),
        ({"name": "x", "id": 1.5}, "id 1.5"),
        ({"name": "x", "id": True}, "id True"),
        ({"name": "x", "id": "one"}, "id 'one'"),
        ({"name": "x", "id": None}, "id None"),
        ({"name": "x", "color": "red"}, "color 'red'; legal are \"#rrggbb\""),
        ({"name": "x", "color": [1, 2, 256]}, r"color \[1, 2, 256\]"),
        ({"name": "x", "color": [1, 2]}, "color"),
        ({"name": "x", "color": [[1, 2, 3], [1, 2]]}, r"color \[1, 2\]"),
        ({"name": "x", "color": {"r": 1}}, "color {'r': 1}"),
        ({"name": "x", "id": 1, "ignore": "perhaps"}, "ignore is 'perhaps'"),
        ({"ignore": True}, 'what is ignored needs an "id", a "color", or for shapes a "name"'),
        ("x", "no object"),
    ],
)
def test_bad_entries_are_named(tmp_path, row, words):
    with pytest.raises(InputError, match=words) as caught:
        read(tmp_path, [{"name": "sky", "id": 0}, row])
    assert f"label_map {tmp_path}/map.json: entry 2 (" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("map.json", "{", "is damaged: Expecting"),
        ("map.json", "[" * 200_000, "is damaged"),
        ("map.json", b"\xff\xfe\x00", "is no UTF-8 text"),
        ("map.json", [], "holds no list of classes"),
        ("map.json", {"names": ["a"]}, r"found \['names'\]; legal is a list.*such as ..name"),
        ("map.json", "3", "holds no list of classes"),
        ("map.csv", "", "holds no list of classes"),
        ("map.csv", "name,id\nsky,0,3,4\n", "has 4 cells for 2 columns"),
        ("map.csv", "name,id\n" + "x" * 200_000 + ",0\n", "is damaged: field larger"),
        ("map.csv", "name,r,g,b\nsky,1,2,\n", "entry 1"),
        ("map.txt", "sky", r"legal are \.json, \.yaml, \.yml, \.csv"),
        (
            "map.json",
            [{"name": "sky", "id": 0}, {"name": "road", "id": 0}],
            "map.json: id 0 stands for 'sky' and 'road'",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path, name, content, words):
    with pytest.raises(InputError, match=words):
        read(tmp_path, content, name)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_label_map(str(tmp_path / "map.json"))


@pytest.mark.parametrize("name", ["map.json", "map.csv"])
def test_random_bytes_give_clear_errors(tmp_path, name):
    """2 x 300 files: whole random bytes, and a good file with some bytes changed."""
    good = json.dumps(ROWS).encode() if name.endswith("json") else b"name,id,r,g,b\nsky,0,1,2,3\nroad,1,4,5,6\n"
    random = np.random.default_rng(7)
    for case in range(300):
        data = np.frombuffer(random.bytes(60) if case % 2 else good, np.uint8).copy()
        places = random.integers(0, len(data), 3)
        data[places] = random.integers(0, 256, 3)
        try:
            assert read(tmp_path, data.tobytes(), name).classes
        except InputError as error:
            assert f"{tmp_path}/{name}" in str(error)
