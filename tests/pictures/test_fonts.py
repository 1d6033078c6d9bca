"""Letters: present where the machine has them, cut where there is no room."""

import pytest

from deeplab_tf2.pictures.fonts import font, shortened


@pytest.mark.parametrize("texts", [["step", "loss"], ["Straße", "小狗"], []])
def test_every_text_has_a_font_of_about_its_size(texts):
    letters = font(texts, 20)
    assert 4 < letters.getlength("m") < 30 and letters.getlength("mm") > letters.getlength("m")


@pytest.mark.parametrize("room", [0, 20, 60, 200])
def test_a_text_is_cut_to_its_room(room):
    letters, text = font([], 14), "a long name of a class"
    cut = shortened(text, room, letters)
    assert letters.getlength(cut) <= max(room, letters.getlength("..."))
    assert cut == text or (cut.endswith("...") and text.startswith(cut[:-3]))
