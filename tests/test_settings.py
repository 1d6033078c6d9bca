"""What settings are made of: strict dictionaries, element types."""

from typing import Literal

import pytest

from deeplab_tf2.config import ModelConfig
from deeplab_tf2.settings import InputError, element_type, words


def test_unknown_field_is_named():
    with pytest.raises(InputError, match="has no field model_varian"):
        ModelConfig.from_dict({"model_varian": "xception_65"})


def test_element_types():
    assert element_type(tuple[int, ...] | None) == (int, True)
    assert element_type(float | None) == (float, False)
    assert element_type(bool) == (bool, False)


def test_words_in_place_of_a_list():
    assert words(tuple[float, ...] | Literal["auto", "other"] | None) == ("auto", "other")
    assert words(tuple[float, ...] | None) == words(float) == ()
