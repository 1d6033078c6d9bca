"""Charts stand in a page twice: for light and for dark screens."""

import base64
import io
import re

from html_outline import Outline
from PIL import Image

from deeplab_tf2.pictures.charts import charts
from deeplab_tf2.pictures.series import Panel, Series
from deeplab_tf2.pictures.themes import DARK, LIGHT


def test_each_chart_has_the_paper_of_the_page():
    text = charts([Panel("<loss>", [Series("", [(0, 1), (1, 2)])]), Panel("rate", [])])
    outline = Outline(text)
    assert outline.tags.count("picture") == 2 and ("alt", "<loss>") in outline.attributes
    pictures = [Image.open(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^\"]+)", text)]
    papers = [picture.convert("RGB").getpixel((0, 0)) for picture in pictures]
    assert papers == [DARK.paper, LIGHT.paper] * 2
