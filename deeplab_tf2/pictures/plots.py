"""Line charts, drawn several times too large and reduced, so that their lines are smooth."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from deeplab_tf2.pictures import fonts
from deeplab_tf2.pictures.axes import axis
from deeplab_tf2.pictures.palettes import Color
from deeplab_tf2.pictures.series import Panel, runs, thinned
from deeplab_tf2.pictures.themes import LIGHT, Theme

# In pixels of a chart of density 1.
_TEXT, _TITLE, _GAP, _LEGEND_LINE = 12, 14, 8, 18
_LINE_WIDTH, _PALE_WIDTH, _DOT = 1.8, 1.2, 2.8
_PALE = 0.62
# How much too large shapes are drawn.
_OVERSAMPLING = 2


def draw(
    panels: Sequence[Panel],
    *,
    columns: int = 1,
    width: int = 480,
    height: int = 290,
    theme: Theme = LIGHT,
    density: int = 2,
) -> Image.Image:
    """Charts beside and below each other.

    Args:
        panels: the charts, row by row.
        columns: charts in a row.
        width: width of each in pixels.
        height: height of each in pixels.
        theme: colours.
        density: pixels of the picture per pixel of `width` and `height`; letters and lines grow with it.
    """
    columns = min(columns, len(panels))
    rows = -(-len(panels) // columns)
    sheet = Image.new("RGB", (columns * width * density, rows * height * density), theme.paper)
    for position, panel in enumerate(panels):
        row, column = divmod(position, columns)
        chart = _Chart(panel, width * density, height * density, theme, density)
        sheet.paste(chart.drawn(), (column * width * density, row * height * density))
    return sheet


class _Chart:
    """One panel on its way to a picture; all lengths in its pixels."""

    def __init__(self, panel: Panel, width: int, height: int, theme: Theme, density: int) -> None:
        self.panel, self.theme, self.density = panel, theme, density
        self.size = width, height
        self.points = [np.asarray(series.points, np.float64).reshape(-1, 2) for series in panel.series]
        joined = np.concatenate([*self.points, np.empty((0, 2))])
        shown = joined[np.isfinite(joined).all(1)]
        self.x = axis([*shown[:, 0], *panel.x_range], tight=True)
        self.y = axis(shown[:, 1], log=panel.log, most=5)
        self.is_empty = not len(shown)
        if self.is_empty:
            self.y = dataclasses.replace(self.y, ticks=())
        self.letters = fonts.font([panel.x_name, *(series.name for series in panel.series)], _TEXT * density)
        self.heading = fonts.font([panel.title], _TITLE * density)
        gap, line = _GAP * density, _TEXT * density
        self.legend = self._legend(width - 2 * gap)
        widest = max(map(self.letters.getlength, self.y.labels), default=0)
        top = 2 * gap + _TITLE * density + len(self.legend) * _LEGEND_LINE * density
        # Left, top, right and bottom of the field with the lines.
        self.field = (round(2 * gap + widest), top, width - 2 * gap, height - round(2.5 * gap) - 2 * line)

    def _color(self, position: int) -> Color:
        series, theme = self.panel.series[position], self.theme
        color = theme.hues[(position if series.hue is None else series.hue) % len(theme.hues)]
        if not series.pale:
            return color
        red, green, blue = (
            round(_PALE * paper + (1 - _PALE) * own) for paper, own in zip(theme.paper, color, strict=True)
        )
        return red, green, blue

    def _legend(self, room: float) -> list[list[tuple[float, int, str]]]:
        """Rows of (left, number of the series, name); none where there is nothing to tell apart."""
        named = [(number, series.name) for number, series in enumerate(self.panel.series) if series.name]
        if len(named) < 2:
            return []
        rows: list[list[tuple[float, int, str]]] = [[]]
        left, key = 0.0, 3 * _GAP * self.density
        for number, name in named:
            name = fonts.shortened(name, room - key, self.letters)
            width = key + self.letters.getlength(name)
            if rows[-1] and left + width > room:
                rows.append([])
                left = 0.0
            rows[-1].append((left, number, name))
            left += width + 2 * _GAP * self.density
        return rows

    def drawn(self) -> Image.Image:
        """The picture."""
        width, height = self.size
        scale = _OVERSAMPLING
        canvas = Image.new("RGB", (width * scale, height * scale), self.theme.paper)
        left, top, right, bottom = self.field
        field = self._lines((right - left) * scale, (bottom - top) * scale)
        canvas.paste(field, (left * scale, top * scale))
        self._legend_keys(ImageDraw.Draw(canvas))
        picture = canvas.reduce(scale)
        self._texts(ImageDraw.Draw(picture))
        return picture

    def _lines(self, width: int, height: int) -> Image.Image:
        """The field with its lines, which end where it ends."""
        field = Image.new("RGB", (width, height), self.theme.paper)
        pen = ImageDraw.Draw(field)
        hair = _OVERSAMPLING * self.density
        for place in 1 - self.y.places(np.array(self.y.ticks)):
            # Whole pixels of the picture, so that it stays a sharp line.
            row = int(place * height) // hair * hair
            pen.rectangle((0, row, width, row + hair - 1), self.theme.line)
        radius = _DOT * hair
        order = sorted(range(len(self.points)), key=lambda number: not self.panel.series[number].pale)
        for number in order:
            series, color = self.panel.series[number], self._color(number)
            thick = round((_PALE_WIDTH if series.pale else _LINE_WIDTH) * hair)
            x, y = self.points[number].T
            places = np.stack([self.x.places(x) * width, (1 - self.y.places(y)) * height], axis=1)
            for run in runs(thinned(places, width // _OVERSAMPLING)):
                if len(run) > 1:
                    pen.line(run, color, thick, joint="curve")
                for across, down in run if series.dots or len(run) == 1 else ():
                    pen.ellipse((across - radius, down - radius, across + radius, down + radius), color)
        return field

    def _legend_keys(self, pen: ImageDraw.ImageDraw) -> None:
        hair = _OVERSAMPLING * self.density
        for left, middle, number, _ in self._entries():
            start = left * _OVERSAMPLING
            box = (
                start,
                middle * _OVERSAMPLING - 1.5 * hair,
                start + 2 * _GAP * hair,
                middle * _OVERSAMPLING + 1.5 * hair,
            )
            pen.rounded_rectangle(box, 1.5 * hair, self._color(number))

    def _entries(self) -> list[tuple[float, float, int, str]]:
        """(left, middle, number of the series, name) of each entry of the legend."""
        top = (2 * _GAP + _TITLE) * self.density
        line = _LEGEND_LINE * self.density
        return [
            (2 * _GAP * self.density + left, top + (row + 0.3) * line, number, name)
            for row, entries in enumerate(self.legend)
            for left, number, name in entries
        ]

    def _texts(self, pen: ImageDraw.ImageDraw) -> None:
        width, _ = self.size
        left, top, right, bottom = self.field
        gap, dim = _GAP * self.density, self.theme.dim
        title = fonts.shortened(self.panel.title, width - 3 * gap, self.heading)
        pen.text((2 * gap, gap), title, self.theme.ink, self.heading, anchor="lt")
        for start, middle, _, name in self._entries():
            pen.text((start + 2.7 * gap, middle), name, dim, self.letters, anchor="lm")
        for place, label in zip(self.y.places(np.array(self.y.ticks)), self.y.labels, strict=True):
            pen.text((left - gap, bottom - place * (bottom - top)), label, dim, self.letters, anchor="rm")
        for place, label in zip(self.x.places(np.array(self.x.ticks)), self.x.labels, strict=True):
            pen.text((left + place * (right - left), bottom + gap), label, dim, self.letters, anchor="mt")
        pen.text((right, bottom + 1.75 * gap + _TEXT * self.density), self.panel.x_name, dim, self.letters, anchor="rt")
        if self.is_empty:
            pen.text(((left + right) / 2, (top + bottom) / 2), "nothing yet", dim, self.letters, anchor="mm")
