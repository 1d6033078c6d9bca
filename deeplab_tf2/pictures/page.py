"""Self-contained HTML pages: text, tables, pictures and histograms in one file that loads nothing from anywhere."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PIL import Image

from deeplab_tf2 import storage
from deeplab_tf2.pictures.style import STYLE

# A table of more rows scrolls within the page.
_TALL = 40


class Html(str):
    """Text that is HTML already; everything else is escaped."""


def escaped(value: object) -> Html:
    """`value` as HTML text; an `Html` stays what it is."""
    return value if isinstance(value, Html) else Html(html.escape(str(value)))


def element(tag: str, *content: object, kind: str = "") -> Html:
    """One element; content that is no `Html` is escaped.

    Args:
        tag: name of the element.
        *content: what stands in it.
        kind: its class in the style sheet.
    """
    attribute = f' class="{escaped(kind)}"' if kind else ""
    return Html(f"<{tag}{attribute}>{''.join(map(escaped, content))}</{tag}>")


def swatch(color: Sequence[int]) -> Html:
    """A small field of a colour (red, green, blue) of 0..255."""
    return Html('<span class="swatch" style="background:#{:02x}{:02x}{:02x}"></span>'.format(*map(int, color)))


def named(color: Sequence[int], name: object) -> Html:
    """A name behind a field of its colour."""
    return element("span", swatch(color), name, kind="keep")


def table(headers: Sequence[object], rows: Iterable[Sequence[object]], text_columns: Sequence[int] = (0,)) -> Html:
    """A table that scrolls sideways where the screen is narrow, and up and down where it is long.

    Args:
        headers: the first row.
        rows: the others, as long as the first.
        text_columns: columns of words; the others hold numbers.
    """
    kinds = ["text" if column in text_columns else "" for column in range(len(headers))]
    head = element("tr", *(element("th", cell, kind=kind) for cell, kind in zip(headers, kinds, strict=True)))
    body = [
        element("tr", *(element("td", cell, kind=kind) for cell, kind in zip(row, kinds, strict=True))) for row in rows
    ]
    kind = "wide tall" if len(body) > _TALL else "wide"
    return element("div", element("table", element("thead", head), element("tbody", *body)), kind=kind)


def picture(pixels: np.ndarray, caption: object, description: str) -> Html:
    """A picture with a caption; its bytes stand in the page, as JPEG.

    Args:
        pixels: uint8 [height, width, 3].
        caption: what stands below it.
        description: what it shows, for those who cannot see it.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=85)
    data = base64.b64encode(buffer.getvalue()).decode()
    height, width = pixels.shape[:2]
    image = Html(
        f'<img src="data:image/jpeg;base64,{data}" width="{width}" height="{height}" alt="{escaped(description)}">'
    )
    return element("figure", image, element("figcaption", caption))


def drawing(light: Image.Image, dark: Image.Image, description: str) -> Html:
    """A drawing in two versions, for light and for dark pages; its bytes stand in the page, as PNG.

    Args:
        light: for dark letters on light paper.
        dark: the same for light letters on dark paper.
        description: what it shows, for those who cannot see it.
    """
    sources = []
    for image in (light, dark):
        buffer = io.BytesIO()
        # A drawing has few colours: a table of them takes a quarter of the bytes.
        image.quantize(128).save(buffer, "PNG", optimize=True)
        sources.append(f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}")
    return Html(
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{sources[1]}">'
        f'<img src="{sources[0]}" width="{light.width}" height="{light.height}" alt="{escaped(description)}"></picture>'
    )


def bar(share: float) -> Html:
    """A bar that fills a share, 0..1, of its track."""
    return Html(f'<span class="track"><span class="bar" style="width:{100 * share:.1f}%"></span></span>')


def histogram(counts: Mapping[int, int], title: str, bins: int = 16) -> Html:
    """How often values occur, as bars.

    Args:
        counts: value -> how often it occurs; not empty.
        title: what the values are, with their unit.
        bins: most bars to draw.
    """
    values, weights = np.array(list(counts)), np.array(list(counts.values()))
    low, high = int(values.min()), int(values.max())
    heights, edges = np.histogram(
        values, bins=min(bins, high - low + 1), range=(low - 0.5, high + 0.5), weights=weights
    )
    width = 300 / len(heights)
    bars = "".join(
        f'<rect x="{10 + position * width:.1f}" y="{110 - 90 * count / heights.max():.1f}" '
        f'width="{max(width - 1, 1):.1f}" height="{90 * count / heights.max():.1f}">'
        f"<title>{np.ceil(start):.0f} to {np.floor(end):.0f}: {count:.0f}</title></rect>"
        for position, (count, start, end) in enumerate(zip(heights, edges, edges[1:], strict=False))
    )
    ends = [f'<text x="10" y="124">{low}</text>', f'<text x="310" y="124" text-anchor="end">{high}</text>']
    top = f'<text x="10" y="12">{escaped(title)}; highest bar: {heights.max():.0f}</text>'
    labels = "".join(ends if high > low else ends[:1])
    drawing = f'{top}<line x1="10" y1="110.5" x2="310" y2="110.5"/>{bars}{labels}'
    return Html(f'<svg viewBox="0 0 320 130" role="img" aria-label="{escaped(title)}">{drawing}</svg>')


def save_page(path: str, title: str, content: Iterable[Html]) -> str:
    """Writes a page so that `path` is whole at every moment, and returns `path`.

    Nothing in it can load or run anything: the page forbids it to itself.

    Args:
        path: where to; its folder must exist.
        title: title of the window, and the first heading.
        content: what follows.
    """
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escaped(title)}</title><style>{STYLE}</style>"
    )
    body = "\n".join([element("h1", title), *content])
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    return storage.write_whole(path, page.encode("utf-8", "replace"))
