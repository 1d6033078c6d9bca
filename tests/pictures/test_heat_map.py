"""The cells of a heat map: numbers that can be read, colours that can be told apart."""

import re

import numpy as np
from html_outline import Outline

from deeplab_tf2.pictures.heat_map import heat_map

SHARES = np.array([[0.96, 0.04, 0.0], [0.004, 0.25, 0.746], [np.nan] * 3])


def test_cells_hold_percent_and_the_root_of_the_share():
    text = heat_map(SHARES, ["sky", "<b>", "road"], "true class")
    outline = Outline(text)
    assert outline.tags.count("td") == 9 and outline.tags.count("th") == 1 + 3 + 3
    assert outline.words == "true classsky<b>roadsky964<b>2575road"
    colors = [float(value) for value in re.findall(r"--v:([\d.]+)", text)]
    np.testing.assert_allclose(colors, np.sqrt([0.96, 0.04, 0.004, 0.25, 0.746]), atol=0.006)


def test_only_the_diagonal_is_right():
    rows = re.findall(r"<tr>(.*?)</tr>", heat_map(SHARES, ["a", "b", "c"], ""))[1:]
    for number, row in enumerate(rows):
        assert ["right" in cell for cell in re.findall(r"<td[^>]*>", row)] == [number == place for place in range(3)]
