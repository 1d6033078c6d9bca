"""Texts of flags and their values."""

import pytest

from deeplab_tf2.cli.flag_parsers import NONE, ListParser, Name, ValueParser


@pytest.mark.parametrize(
    ("text", "expected"),
    [("6, 12,18", (6, 12, 18)), ("6", (6,)), (" None ", ()), ("", ()), ("auto", ("auto",)), ([1, 2], (1, 2))],
)
def test_lists(text, expected):
    assert ListParser(int, ("auto",)).parse(text) == expected


def test_names_keep_their_blanks():
    assert ListParser(str).parse("a, b") == ("a", "b")
    assert ListParser(Name).parse("a, b ") == ("a", " b ")


@pytest.mark.parametrize(
    ("words", "told"),
    [((), "6,x: give a comma-separated list of int, or the flag"), (("auto",), "6,x: give numbers, or one of auto")],
)
def test_what_is_no_list_is_told_what_is(words, told):
    with pytest.raises(ValueError, match=told):
        ListParser(int, words).parse("6,x")


def test_one_value_and_none():
    assert ValueParser(float, optional=True).parse("0.5") == 0.5
    assert ValueParser(float, optional=True).parse(" NONE ") is NONE
    assert ValueParser(str, optional=False).parse("none") == "none"
    with pytest.raises(ValueError, match="half"):
        ValueParser(float, optional=True).parse("half")
    assert (ValueParser(float, True).flag_type(), ListParser(int).flag_type()) == ("float", "list of int")
