"""Letters for pictures: a font that has those of a text, and texts cut to the room there is."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from PIL import ImageFont

_WIDE_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def font(texts: Sequence[str], size: float) -> Font:
    """A font of `size` pixels that has the letters of `texts`, as far as this machine has one."""
    # Pillow's own font has no letters beyond ASCII.
    if not "".join(texts).isascii():
        for name in _WIDE_FONTS:
            with contextlib.suppress(OSError):
                return ImageFont.truetype(name, size)
    return ImageFont.load_default(size=size)


def shortened(text: str, room: float, letters: Font) -> str:
    """`text`, or as much of it as has room in `room` pixels."""
    if letters.getlength(text) <= room:
        return text
    while text and letters.getlength(text + "...") > room:
        text = text[:-1]
    return text.rstrip() + "..."
