"""Charts: lines where the numbers are, in the colours of the theme, and nothing outside the field."""

import numpy as np
import pytest

from deeplab_tf2.pictures.plots import draw
from deeplab_tf2.pictures.series import Panel, Series
from deeplab_tf2.pictures.themes import DARK, LIGHT


def marked(picture, color):
    """Columns and mean rows of the pixels of a colour."""
    found = (np.abs(np.asarray(picture).astype(int) - color).max(-1) < 12).astype(float)
    columns = np.flatnonzero(found.any(0))
    rows = (found * np.arange(len(found))[:, None]).sum(0)[columns] / found.sum(0)[columns]
    return columns, rows


@pytest.mark.parametrize(("density", "theme"), [(1, LIGHT), (2, DARK), (3, LIGHT)])
def test_a_straight_line_is_straight(density, theme):
    picture = draw([Panel("loss", [Series("", [(0, 1), (100, 5)])])], theme=theme, density=density)
    assert picture.size == (480 * density, 290 * density)
    assert picture.getpixel((0, 0)) == theme.paper
    columns, rows = marked(picture, theme.hues[0])
    fit = np.polyfit(columns, rows, 1)
    assert fit[0] < 0 and np.abs(np.polyval(fit, columns) - rows).max() < density
    assert len(columns) > 0.85 * picture.width


def test_a_factor_has_the_same_length_everywhere_on_a_logarithmic_axis():
    rates = [(step, 10.0**-step) for step in range(5)]
    columns, rows = marked(draw([Panel("rate", [Series("", rates)], log=True)]), LIGHT.hues[0])
    assert np.abs(np.polyval(np.polyfit(columns, rows, 1), columns) - rows).max() < 2


def test_what_is_no_number_breaks_the_line():
    points = [(0, 1), (1, 2), (2, np.nan), (3, 2), (4, 3), (5, np.inf), (6, 3)]
    columns, _ = marked(draw([Panel("loss", [Series("", points)])]), LIGHT.hues[0])
    # Two lines, and the lonely last point.
    assert (np.diff(columns) > 5).sum() == 2


def test_thousands_of_points_keep_their_extremes():
    values = np.sin(np.arange(50_000) / 9)
    values[30_001] = 4
    picture = draw([Panel("loss", [Series("", np.stack([np.arange(50_000), values], 1))])])
    _, rows = marked(picture, LIGHT.hues[0])
    top = marked(draw([Panel("loss", [Series("", [(0, 4), (49_999, 4), (50_000, -1)])])]), LIGHT.hues[0])[1].min()
    found = np.abs(np.asarray(picture).astype(int) - LIGHT.hues[0]).max(-1) < 60
    assert abs(np.flatnonzero(found.any(1)).min() - top) < 6 and rows.max() > 300


def test_the_legend_tells_lines_apart():
    lines = [Series(f"class number {number}", [(0, number), (1, number)], dots=True) for number in range(8)]
    picture = np.asarray(draw([Panel("IoU", lines)]))
    for hue in LIGHT.hues:
        assert (picture == hue).all(-1).sum() > 400


def test_pale_lines_stand_behind():
    points = [(0, 0), (1, 1)]
    both = draw([Panel("loss", [Series("mean", points, hue=2), Series("each", points, hue=2, pale=True)])])
    assert len(marked(both, LIGHT.hues[2])[0]) > 700


def test_charts_stand_in_rows_and_share_a_range():
    panels = [Panel("a", [Series("", [(500, 1), (1000, 1)])], x_range=(0, 1000)), Panel("b", []), Panel("c", [])]
    picture = draw(panels, columns=2, density=1)
    assert picture.size == (960, 580)
    columns, _ = marked(picture.crop((0, 0, 480, 290)), LIGHT.hues[0])
    assert 230 < columns.min() < 280 and columns.max() > 450
    # An empty chart has its words, and no line.
    empty = np.asarray(picture)[290:, :480]
    assert not any((empty == hue).all(-1).any() for hue in LIGHT.hues) and (empty != LIGHT.paper).any()
