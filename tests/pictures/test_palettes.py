import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.pictures.palettes import colormap, default_colors


@pytest.mark.parametrize(
    ("label", "color"),
    [
        (0, (0, 0, 0)),
        (1, (128, 0, 0)),
        (5, (128, 0, 128)),
        (7, (128, 128, 128)),
        (16, (0, 64, 0)),
        (23, (128, 192, 128)),
        (37, (128, 0, 192)),
        (52, (0, 64, 192)),
        (127, (224, 192, 192)),
        (175, (192, 160, 192)),
    ],
)
def test_bit_pattern_gives_the_published_colors(label, color):
    assert default_colors(256)[label] == color
    assert tuple(colormap("pascal")[label]) == color


def test_default_colors_of_many_classes_differ():
    assert len(set(default_colors(1000))) == 1000


@pytest.mark.parametrize(
    ("name", "size", "label", "color"),
    [
        ("pascal", 512, 511, (224, 224, 224)),
        ("cityscapes", 256, 0, (128, 64, 128)),
        ("cityscapes", 256, 6, (250, 170, 30)),
        ("cityscapes", 256, 18, (119, 11, 32)),
        ("cityscapes", 256, 19, (0, 0, 0)),
        ("ade20k", 151, 1, (120, 120, 120)),
        ("ade20k", 151, 150, (92, 0, 255)),
        ("mapillary_vistas", 66, 0, (165, 42, 42)),
        ("mapillary_vistas", 66, 63, (32, 32, 32)),
    ],
)
def test_tables_have_the_published_rows(name, size, label, color):
    table = colormap(name)
    assert table.shape == (size, 3)
    assert table.dtype == np.uint8
    assert tuple(table[label]) == color


def test_a_table_in_use_cannot_be_changed_by_a_caller():
    colormap("ade20k")[:] = 7
    assert tuple(colormap("ade20k")[1]) == (120, 120, 120)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="'voc'.*pascal, cityscapes, ade20k, mapillary_vistas"):
        colormap("voc")
