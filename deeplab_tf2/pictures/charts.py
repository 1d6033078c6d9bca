"""Charts on a page."""

from __future__ import annotations

from collections.abc import Sequence

from deeplab_tf2.pictures.page import Html, drawing, element
from deeplab_tf2.pictures.plots import draw
from deeplab_tf2.pictures.series import Panel
from deeplab_tf2.pictures.themes import DARK


def charts(panels: Sequence[Panel]) -> Html:
    """Charts beside each other where there is room, each for light and for dark pages."""
    drawings = [drawing(draw([panel]), draw([panel], theme=DARK), panel.title) for panel in panels]
    return element("div", *drawings, kind="plots")
