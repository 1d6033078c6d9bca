"""Tables of classes, against a few facts about each."""

import json

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public import class_tables


@pytest.mark.parametrize(
    ("table", "count", "some"),
    [
        (class_tables.VOC, 21, {15: ("person", (192, 128, 128), None)}),
        (class_tables.CITYSCAPES, 19, {0: ("road", (128, 64, 128), 7), 18: ("bicycle", (119, 11, 32), 33)}),
        (class_tables.ADE20K, 151, {150: ("flag", (92, 0, 255), None)}),
        (class_tables.CAMVID, 11, {4: ("Pavement", (60, 40, 222), None), 10: ("Bicyclist", (0, 128, 192), None)}),
        (class_tables.CAMVID_32, 32, {0: ("Animal", (64, 128, 64), None), 31: ("Wall", (64, 192, 0), None)}),
        (class_tables.LFW_PARTS, 3, {1: ("hair", (255, 0, 0), None)}),
        (class_tables.CELEBAMASK_HQ, 19, {4: ("l_eye", (51, 51, 255), None), 18: ("cloth", (0, 204, 0), None)}),
        (
            class_tables.COCO_STUFF,
            171,
            {11: ("stop sign", None, 12), 80: ("banner", None, 91), 170: ("wood", None, 181)},
        ),
        (class_tables.COCO_STUFF_10K, 171, {0: ("person", None, 1), 170: ("wood", None, 182)}),
    ],
)
def test_some_of_each(table, count, some):
    assert len(table.names) == len(table.colors) == count
    for label, (name, color, value) in some.items():
        assert table.names[label] == name
        assert color is None or table.colors[label] == color
        assert value is None or table.values[label] == value
    assert table.descriptor("x").num_classes == count


def test_the_merge_of_camvid():
    table = class_tables.CAMVID_11
    assert 0xC00080 in table.masked_colors[1] and 0x4000C0 in table.masked_colors[9]
    assert sum(map(len, table.masked_colors)) == 31 and table.ignored_colors == (0,)


def test_vistas_reads_the_configuration_of_the_archive(tmp_path):
    (tmp_path / "training" / "images").mkdir(parents=True)
    with pytest.raises(InputError, match="has no config_v1.2.json or config.json"):
        class_tables.vistas(str(tmp_path), "1.2")
    label = {"name": "a", "color": [1, 2, 3], "evaluate": True}
    labels = [label, {**label, "name": "b", "evaluate": False}, {**label, "name": "c"}]
    (tmp_path / "config.json").write_text(json.dumps({"labels": labels}))
    table = class_tables.vistas(str(tmp_path), "1.2")
    assert (table.names, table.values, table.ignored) == (("a", "c"), (0, 2), (1,))
    with pytest.raises(InputError, match="has no config_v2.0.json:"):
        class_tables.vistas(str(tmp_path), "2.0")
    (tmp_path / "config.json").write_text('{"labels": [{"name": "a"}]}')
    with pytest.raises(InputError, match="config.json lists labels without"):
        class_tables.vistas(str(tmp_path), "1.2")
