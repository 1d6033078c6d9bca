"""Legends: which colour is which class, below a picture of any size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from deeplab_tf2.config import InputError
from deeplab_tf2.pictures import fonts

_PAPER = (255, 255, 255)
_INK = (32, 32, 32)
_EDGE = (150, 150, 150)
_LEAST_WIDTH = 320
# Of a sheet that is made wider than its picture: a thin and high one would become a thousand times as large.
_MOST_PIXELS = 1 << 25


def with_legend(
    picture: np.ndarray,
    names: Sequence[str],
    colors: Sequence[Sequence[int]] | np.ndarray,
    shares: Sequence[float] | None = None,
) -> Image.Image:
    """Sets a legend of class names below a picture.

    Pictures narrower than 320 pixels are first enlarged by a whole factor, so that the names have room. Thin and
    high ones are enlarged less, so that the sheet does not become many times as large, and at last have no legend.

    Args:
        picture: uint8 [height, width, 3].
        names: one name per class.
        colors: one (red, green, blue) of 0..255 per class.
        shares: fraction of the pixels, 0..1, per class; classes without any pixel are then left out.

    Raises:
        InputError: names, colours and shares differ in number.
    """
    if len(colors) < len(names) or (shares is not None and len(shares) != len(names)):
        counts = f"{len(names)} names, {len(colors)} colours" + ("" if shares is None else f", {len(shares)} shares")
        raise InputError(f"a legend needs one colour (and one share) per class name; found {counts}")
    photo = _enlarged(Image.fromarray(picture))
    width = max(photo.width, _LEAST_WIDTH)
    if width > photo.width and width * photo.height > _MOST_PIXELS:
        return photo
    entries = [
        (
            name if shares is None else f"{name}  {percent(shares[label])}",
            tuple(int(c) for c in colors[label]),
        )
        for label, name in enumerate(names)
        if shares is None or shares[label] > 0
    ]
    strip = _strip(entries, width, _font_size(photo))
    sheet = Image.new("RGB", (strip.width, photo.height + strip.height), _PAPER)
    sheet.paste(photo, ((sheet.width - photo.width) // 2, 0))
    sheet.paste(strip, (0, photo.height))
    return sheet


def side_by_side(pictures: Sequence[np.ndarray], titles: Sequence[str]) -> np.ndarray:
    """Sets pictures of equal size next to each other, a title above each.

    Args:
        pictures: uint8 [height, width, 3] each.
        titles: one per picture.

    Returns:
        uint8 [height + title line, total width, 3].
    """
    images = [_enlarged(Image.fromarray(picture), _LEAST_WIDTH // 2) for picture in pictures]
    width, height = images[0].size
    size = _font_size(images[0])
    gap, line = max(2, size // 3), size * 2
    sheet = Image.new("RGB", (len(images) * (width + gap) - gap, height + line), _PAPER)
    draw, font = ImageDraw.Draw(sheet), fonts.font(titles, size)
    for position, (image, title) in enumerate(zip(images, titles, strict=True)):
        left = position * (width + gap)
        sheet.paste(image, (left, line))
        draw.text((left + width // 2, line // 2), fonts.shortened(title, width, font), _INK, font, anchor="mm")
    return np.asarray(sheet)


def percent(share: float) -> str:
    """A fraction of 0..1 as a percentage that never rounds a rare class down to nothing."""
    return "<0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def _enlarged(photo: Image.Image, least: int = _LEAST_WIDTH) -> Image.Image:
    factor = min(math.ceil(least / photo.width), _MOST_PIXELS // (_LEAST_WIDTH * photo.height))
    if factor <= 1:
        return photo
    return photo.resize((photo.width * factor, photo.height * factor), Image.Resampling.NEAREST)


def _font_size(photo: Image.Image) -> int:
    return max(12, round(min(photo.width, 2 * photo.height) / 50))


def _strip(entries: Sequence[tuple[str, tuple[int, ...]]], width: int, size: int) -> Image.Image:
    """The legend alone: a colour field and a name per entry, down the columns."""
    font = fonts.font([text for text, _ in entries], size)
    margin, field, line = size, round(1.4 * size), round(1.75 * size)
    room = width - 2 * margin
    entries = [(fonts.shortened(text, room - field - size, font), color) for text, color in entries]
    widest = max((font.getlength(text) for text, _ in entries), default=0)
    stride = field + 2 * size + math.ceil(widest)
    columns = max(1, min(len(entries), room // stride))
    rows = math.ceil(len(entries) / columns)
    strip = Image.new("RGB", (width, rows * line + 2 * (margin // 2)), _PAPER)
    draw = ImageDraw.Draw(strip)
    for position, (text, color) in enumerate(entries):
        column, row = divmod(position, rows)
        left, top = margin + column * stride, margin // 2 + row * line
        middle = top + line // 2
        draw.rectangle((left, middle - size // 2, left + field, middle + size // 2), color, _EDGE)
        draw.text((left + field + size // 2, middle), text, _INK, font, anchor="lm")
    return strip
