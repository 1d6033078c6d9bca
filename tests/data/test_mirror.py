"""Pairs of left and right, found by name."""

import pytest

from deeplab_tf2.data.mirror import mirror_pairs


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("left_eye", "right_eye"),
        ("l_brow", "r_brow"),
        ("left arm", "right arm"),
        ("Left-Shoe", "Right-Shoe"),
        ("eye_L", "eye_R"),
        ("lefteye", "righteye"),
        ("EyeLeft", "EyeRight"),
        ("arm.l.upper", "arm.r.upper"),
        ("left", "right"),
    ],
)
def test_pairs_in_the_order_of_the_classes(left, right):
    assert mirror_pairs(("skin", left, "hair", right)) == ((left, right),)
    assert mirror_pairs((right, "skin", left)) == ((right, left),)


def test_every_pair_of_a_face_is_found():
    names = ("skin", "l_brow", "r_brow", "l_eye", "r_eye", "eye_g", "l_ear", "r_ear", "ear_r", "u_lip", "l_lip")
    assert mirror_pairs(names) == (("l_brow", "r_brow"), ("l_eye", "r_eye"), ("l_ear", "r_ear"))


def test_names_that_only_look_like_sides():
    assert mirror_pairs(("right of way", "road", "ball", "barr", "lamp", "ramp", "bright sky")) == ()
    assert mirror_pairs(("road", "left road")) == ()
