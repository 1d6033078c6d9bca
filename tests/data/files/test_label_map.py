import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import TRANSPARENT, Entry, LabelMap, color_text, unpacked
from deeplab_tf2.pictures.palettes import default_colors

SKIN = Entry("skin", (0, 4), (0x00FF00,))
LEFT = Entry("left_eye", (7,), (0x0000FF, 0x0000FE), mirror="right_eye")
RIGHT = Entry("right_eye", (300,), (TRANSPARENT,))
FACE = LabelMap("face.json", (SKIN, LEFT, RIGHT), (Entry("", (9,), (0xFFFFFF,)), Entry("unsure", (10,))))


def test_values_become_positions():
    assert FACE.class_names == ("skin", "left_eye", "right_eye")
    assert FACE.labels_of_ids(255) == {0: 0, 4: 0, 7: 1, 300: 2, 9: 255, 10: 255, 255: 255}
    assert FACE.labels_of_colors(255) == {
        0x00FF00: 0,
        0x0000FF: 1,
        0x0000FE: 1,
        TRANSPARENT: 2,
        0xFFFFFF: 255,
    }
    assert FACE.labels_of_colors(254)[0xFFFFFF] == 254


def test_transparent_pixels_are_ignored_unless_an_entry_has_them():
    bare = LabelMap("bare.json", (SKIN, LEFT, Entry("right_eye", (8,))))
    assert bare.labels_of_colors(255)[TRANSPARENT] == 255


def test_the_value_of_a_class_may_be_the_ignore_label():
    binary = LabelMap("binary.json", (Entry("good", (0,)), Entry("defect", (255,))))
    assert binary.labels_of_ids(255) == {0: 0, 255: 1}


def test_an_ignore_label_among_the_classes_must_be_their_value():
    one_based = LabelMap("one.json", (Entry("wall", (1,)), Entry("floor", (2,))))
    with pytest.raises(
        InputError, match="ignore_label 0 would be the label of 'wall' in one.json: give a value from 2"
    ):
        one_based.labels_of_ids(0)
    ade = LabelMap("ade.json", (Entry("other", (0,)), Entry("wall", (1,))))
    assert ade.labels_of_ids(0) == {0: 0, 1: 1}


def test_colors_of_pictures():
    assert FACE.colors == ((0, 255, 0), (0, 0, 255), default_colors(3)[2])
    assert LabelMap("bare.json", (Entry("a", (0,)), Entry("b", (1,)))).colors is None
    assert FACE.has_colors
    assert not LabelMap("bare.json", (Entry("a", (0,), (TRANSPARENT,)), Entry("b", (1,)))).has_colors


def test_mirror_pairs_come_once():
    assert FACE.mirror_pairs == (("left_eye", "right_eye"),)
    both = LabelMap("both.json", (LEFT, Entry("right_eye", (1,), mirror="left_eye")))
    assert both.mirror_pairs == FACE.mirror_pairs


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ((SKIN, Entry("sky", (4,))), "map.json: id 4 stands for 'skin' and 'sky'"),
        ((SKIN, Entry("sky", (5,), (0x00FF00,))), r"#00ff00 \(0, 255, 0\) stands for 'skin' and 'sky'"),
        ((SKIN, Entry("sky")), "'sky' has no id and no color"),
        ((SKIN, Entry("skin", (5,))), "two classes are called 'skin'"),
        ((SKIN, LEFT), "'left_eye' mirrors 'right_eye', which is no other class"),
        ((SKIN, Entry("sky", (5,), mirror="sky")), "which is no other class"),
        ((LEFT, RIGHT, Entry("nose", (1,), mirror="left_eye")), "'left_eye' is mirrored to more than one class"),
    ],
)
def test_what_has_two_meanings_is_refused(entries, words):
    with pytest.raises(InputError, match=words):
        LabelMap("map.json", entries)


def test_a_value_cannot_be_both_ignored_and_a_class():
    with pytest.raises(InputError, match="id 4 stands for 'skin' and an ignored entry"):
        LabelMap("map.json", (SKIN,), (Entry("", (4,)),))


def test_colors_as_text():
    assert unpacked(0xFF8001) == (255, 128, 1)
    assert color_text(0xFF8001) == "#ff8001 (255, 128, 1)"
    assert color_text(TRANSPARENT) == "transparent"
