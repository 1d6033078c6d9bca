"""Colours of charts, on light and on dark paper."""

from __future__ import annotations

import dataclasses

from deeplab_tf2.pictures.palettes import Color


@dataclasses.dataclass(frozen=True)
class Theme:
    """Colours of a chart, (red, green, blue) of 0..255.

    Attributes:
        paper: ground.
        ink: titles.
        dim: numbers and names of axes.
        line: lines at the ticks.
        hues: those of the series, in turn.
    """

    paper: Color
    ink: Color
    dim: Color
    line: Color
    hues: tuple[Color, ...]


def _theme(paper: str, ink: str, dim: str, line: str, hues: str) -> Theme:
    colors = [bytes.fromhex(text) for text in (paper, ink, dim, line, *hues.split())]
    rows: list[Color] = [(red, green, blue) for red, green, blue in colors]
    return Theme(rows[0], rows[1], rows[2], rows[3], tuple(rows[4:]))


# The grounds are those of pages; neighbouring hues differ for the colour-blind too.
LIGHT = _theme("fcfcfb", "1d2126", "5c646e", "e2e5e8", "2c6fb5 d3691e 25875a 8a50a8 b8323f 0f8a9a a07a00 6b6f76")
DARK = _theme("14171a", "e6e8ea", "a0a8b0", "2b3036", "74b0ea f0995a 6fcf9c c79be4 ff8a8f 62d0de dcc05a a9aeb5")
