"""What settings are made of: strict dictionaries, element types."""

import dataclasses
from typing import Literal

import pytest

from deeplab_tf2.config import ModelConfig
from deeplab_tf2.settings import Config, InputError, check_choices, element_type, words


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


def test_words_that_are_no_choice_are_refused():
    check_choices(Some(1))
    with pytest.raises(InputError, match="kind is 'c'; legal are a, b"):
        check_choices(Some(1, kind="c"))


@dataclasses.dataclass(frozen=True)
class Some(Config):
    count: int
    shares: tuple[float, ...] = ()
    pair: tuple[str, str] | None = None
    kind: Literal["a", "b"] = "a"
    named: dict[str, int] = dataclasses.field(default_factory=dict)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Some has no count"),
        ([], r"Some is \[\]; legal is an object"),
        ({"count": "3"}, "count is '3'; legal is int"),
        ({"count": True}, "count is True"),
        ({"count": None}, "count is None"),
        ({"count": 1, "shares": [1, "x"]}, "shares is"),
        ({"count": 1, "pair": ["a"]}, r"pair is \('a',\); legal is tuple\[str, str\] \| null"),
        ({"count": 1, "kind": "c"}, "kind is 'c'"),
        ({"count": 1, "named": [1]}, "named is"),
    ],
)
def test_values_of_another_type_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        Some.from_dict(values)


def test_values_of_their_type_are_taken():
    values = {"count": 1, "shares": [1, 0.5], "pair": ["a", "b"], "kind": "b", "named": {"x": 1}}
    assert Some.from_dict(values) == Some(1, (1, 0.5), ("a", "b"), "b", {"x": 1})
    assert Some.from_dict({"count": 1, "shares": 2}).shares == (2,)
