"""Pages: whole, self-contained, and nothing in a name becomes HTML."""

import base64
import io
import pathlib
import re

import numpy as np
import pytest
from html_outline import Outline
from PIL import Image

from deeplab_tf2.pictures.page import Html, element, escaped, histogram, picture, save_page, swatch, table

HOSTILE = "<script>alert(1)</script> & \"quoted\" 'name' <img src=x>"


def test_a_page_is_well_formed_and_loads_nothing(tmp_path):
    pixels = np.zeros((4, 6, 3), np.uint8)
    content = [
        element("p", HOSTILE, kind="note"),
        table((HOSTILE, "n"), [(HOSTILE, 1)]),
        picture(pixels, HOSTILE, HOSTILE),
        histogram({1: 2, 5: 1}, HOSTILE),
    ]
    path = save_page(str(tmp_path / "page.html"), HOSTILE, content)
    text = pathlib.Path(path).read_text(encoding="utf-8")
    outline = Outline(text)
    assert "script" not in outline.tags and outline.tags.count("img") == 1
    assert outline.words.count(HOSTILE) == 7 and dict(outline.attributes)["alt"] == HOSTILE
    sources = [value for name, value in outline.attributes if name in ("src", "href")]
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "http" not in re.sub("http-equiv", "", text) and "default-src 'none'" in text
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_what_cannot_be_written_in_utf_8_is_marked(tmp_path):
    path = save_page(str(tmp_path / "page.html"), "names", [element("p", "b\udce4r")])
    assert "<p>b?r</p>" in pathlib.Path(path).read_text(encoding="utf-8")


def test_long_tables_scroll_within_the_page():
    assert 'class="wide"' in table(("n",), [(row,) for row in range(19)])
    long = table(("n",), [(row,) for row in range(150)])
    assert 'class="wide tall"' in long and long.count("<tr>") == 151


def test_html_is_escaped_once():
    assert escaped("a<b") == "a&lt;b" and escaped(escaped("a<b")) == "a&lt;b"
    assert element("b", "x", Html("<i>y</i>")) == "<b>x<i>y</i></b>"
    assert swatch((255, 128, 0)) == '<span class="swatch" style="background:#ff8000"></span>'


def test_pictures_stand_in_the_page():
    pixels = np.full((8, 10, 3), (200, 30, 30), np.uint8)
    text = picture(pixels, "caption", "a red field")
    data = base64.b64decode(re.search(r"base64,([^\"]+)", text)[1])
    shown = np.asarray(Image.open(io.BytesIO(data))).astype(int)
    assert shown.shape == pixels.shape and np.abs(shown - pixels).max() < 6


@pytest.mark.parametrize("counts", [{7: 3}, {1: 1, 2: 5, 3: 2}, {value: value for value in range(10, 400, 3)}])
def test_bars_have_the_heights_of_the_counts(counts):
    text = histogram(counts, "pixels", bins=16)
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', text)]
    told = [int(count) for count in re.findall(r": (\d+)</title>", text)]
    assert sum(told) == sum(counts.values()) and len(told) <= 16 and max(heights) == 90
    np.testing.assert_allclose(heights, np.array(told) * 90 / max(told), atol=0.06)
    assert f">{min(counts)}<" in text
