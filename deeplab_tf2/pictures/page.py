"""Self-contained HTML pages: text, tables, pictures and histograms in one file that loads nothing from anywhere."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from PIL import Image

from deeplab_tf2 import storage

_STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfb; --ink: #1d2126; --dim: #5c646e; --line: #d8dce0; --tile: #f0f1f3;
  --bar: #3a6ea5; --error: #b3261e; --warning: #8a5a00; --note: #3b5f8a; --good: #1e6b3a; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e8ea; --dim: #a0a8b0; --line: #363c43;
  --tile: #1f2429; --bar: #7fb0e6; --error: #ff8a80; --warning: #f2c063; --note: #9cc3f0; --good: #7fd6a0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 48rem; }
code { background: var(--tile); padding: .1rem .3rem; border-radius: .2rem; font-size: .9em; word-break: break-all; }
ul { list-style: none; padding: 0; margin: .5rem 0; } li { padding: .35rem 0; border-bottom: 1px solid var(--line); }
.error, .warning, .note, .good { font-weight: 600; }
.error { color: var(--error); } .warning { color: var(--warning); } .note { color: var(--note); }
.good { color: var(--good); }
.wide { overflow-x: auto; }
.tall { max-height: 40rem; overflow-y: auto; border-bottom: 1px solid var(--line); }
.tall th { position: sticky; top: 0; background: var(--paper); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 1rem .25rem 0; text-align: right; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; overflow-wrap: normal; }
th { color: var(--dim); font-weight: 600; vertical-align: bottom; white-space: normal; }
th.text, td.text { text-align: left; } td.text { white-space: normal; min-width: 4.5rem; }
td.text:last-child { overflow-wrap: anywhere; min-width: 14rem; }
.keep { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
td .keep { overflow-wrap: normal; min-width: 11rem; }
summary { cursor: pointer; color: var(--dim); }
.swatch { display: inline-block; width: 1em; height: 1em; border: 1px solid var(--dim); vertical-align: -.12em;
  margin-right: .4em; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--tile-width)), 1fr)); gap: 1rem;
  --tile-width: 10rem; }
@media (min-width: 45rem) { .sheet { --tile-width: 15rem; } }
figure { margin: 0; } figure img { width: 100%; height: auto; max-height: 20rem; object-fit: contain;
  display: block; background: var(--tile); }
figcaption { font-size: .85rem; color: var(--dim); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem;
  max-width: 66rem; }
.plots img { width: 100%; height: auto; display: block; }
.triple { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .5rem; margin: .75rem 0 1.25rem;
  max-width: 56rem; }
.bar { display: inline-block; height: .7em; border-radius: .15rem; background: var(--bar); }
.track { display: block; width: clamp(4rem, 20vw, 14rem); height: .7em; margin: .4em 0; border-radius: .15rem;
  background: var(--tile); line-height: .7em; text-align: left; }
.row { display: flex; flex-wrap: wrap; gap: 1.5rem; } svg { width: 20rem; max-width: 100%; height: auto; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); } svg text { fill: var(--dim); font-size: 11px; }
"""


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
        f"<title>{escaped(title)}</title><style>{_STYLE}</style>"
    )
    body = "\n".join([element("h1", title), *content])
    page = f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'
    return storage.write_whole(path, page.encode("utf-8", "replace"))
