"""Confusion matrices as tables whose cells have colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from deeplab_tf2.pictures.page import Html, element, escaped

# A share that rounds to 0 % is no number to read; its colour still tells of it.
_READABLE = 0.005


def heat_map(shares: np.ndarray, names: Sequence[str], corner: str) -> Html:
    """A square table of shares: the diagonal in the colour of what is right, the rest in that of errors.

    Colours grow with the root of a share, so that errors of a few percent can be seen.

    Args:
        shares: numbers of 0..1 [rows, columns]; nan where there is none.
        names: one per row, and per column.
        corner: what rows and columns are.
    """
    head = element("tr", element("th", corner, kind="corner"), *(element("th", name) for name in names))
    rows = [
        element("tr", element("th", name), *(_cell(share, row == column) for column, share in enumerate(shares[row])))
        for row, name in enumerate(names)
    ]
    body = Html(f'<table class="heat">{element("thead", head)}{element("tbody", *rows)}</table>')
    return element("div", body, kind="wide")


def _cell(share: float, right: bool) -> Html:
    kind = ' class="right"' if right else ""
    if not share > 0:
        return Html(f"<td{kind}></td>")
    text = f"{100 * share:.0f}" if share >= _READABLE else ""
    return Html(f'<td{kind} style="--v:{share**0.5:.2f}">{escaped(text)}</td>')
