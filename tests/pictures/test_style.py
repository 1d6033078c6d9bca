"""The style sheet is whole, loads nothing, and every class that pages use has its rules."""

import pathlib
import re

import pytest

from deeplab_tf2.pictures import style

PACKAGE = pathlib.Path(style.__file__).parents[1]


def test_it_is_whole_and_loads_nothing():
    assert style.STYLE.count("{") == style.STYLE.count("}")
    assert "url(" not in style.STYLE and "@import" not in style.STYLE


def test_light_and_dark_set_the_same_colors():
    light, dark = (re.findall(r"(--\w+): #", rules) for rules in re.findall(r":root \{(.*?)\}", style.STYLE, re.DOTALL))
    assert light == dark and len(light) > 5


@pytest.mark.parametrize("name", sorted(set(re.findall(r"var\((--[\w-]+)", style.STYLE)) - {"--v"}))
def test_what_is_used_is_set(name):
    assert re.search(rf"{name}: ", style.STYLE)


def test_kinds_that_pages_use_have_rules():
    texts = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    text = "".join(text for text in texts if "pictures.page import" in text)
    kinds = {name for kind in re.findall(r'\bkind="([^"]+)"', text) for name in kind.split()}
    assert len(kinds) > 5 and all(f".{kind} " in style.STYLE or f".{kind}," in style.STYLE for kind in kinds)
