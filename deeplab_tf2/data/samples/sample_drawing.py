"""Pictures of textured shapes on textured grounds, with their labels: the stuff of the sample set."""

from __future__ import annotations

import colorsys
import dataclasses

import numpy as np
from PIL import Image, ImageFilter

CLASS_NAMES = ("background", "disk", "square", "triangle", "ring")
IGNORE_LABEL = 255

_SIDES = (129, 225)
_DIAMETERS = (0.3, 0.45)
_SHAPE_COUNTS = (1, 2, 3, 4, 4, 5, 5)
_BORDER = 1.25
# Tendencies only: one shape in ten has a hue, and one in thirty a texture, of any class.
_HUES = {"disk": 0.0, "square": 0.6, "triangle": 0.36, "ring": 0.15}
_TEXTURES = {"disk": "shade", "square": "stripes", "triangle": "grain", "ring": "dots"}
_TYPICAL_HUE = 0.9
_TYPICAL_TEXTURE = 0.97


@dataclasses.dataclass(frozen=True)
class _Shape:
    """A shape to be painted: centre and radius in pixels, angle in radians."""

    kind: str
    x: float
    y: float
    radius: float
    angle: float


def draw(seed: int, index: int) -> tuple[np.ndarray, np.ndarray]:
    """One picture of 129 to 225 pixels a side with 1 to 5 shapes, later ones in front of earlier ones.

    Args:
        seed: seed of the set.
        index: number of the picture; equal seed and index give equal pixels.

    Returns:
        image uint8 [height, width, 3] and labels uint8 [height, width], 255 along the outlines.
    """
    rng = np.random.default_rng([seed, index])
    height, width = (int(side) for side in rng.integers(_SIDES[0], _SIDES[1] + 1, 2))
    image = _ground(rng, height, width)
    labels = np.zeros((height, width), np.uint8)
    for shape in _shapes(rng, height, width):
        distance, across, along = _outline(shape, height, width)
        image = _shade(image, shape)
        paint = _paint(rng, shape, across, along)
        cover = np.clip(0.5 - distance, 0, 1)[..., None]
        image = image * (1 - cover) + paint * cover
        labels[distance <= 0] = CLASS_NAMES.index(shape.kind)
        labels[np.abs(distance) <= _BORDER] = IGNORE_LABEL
    return _photograph(rng, image), labels


def _shapes(rng: np.random.Generator, height: int, width: int) -> list[_Shape]:
    """Up to five shapes that overlap, but never hide each other's centre."""
    shapes: list[_Shape] = []
    for _ in range(rng.choice(_SHAPE_COUNTS)):
        for _ in range(20):
            radius = rng.uniform(*_DIAMETERS) * min(height, width) / 2
            x, y = (rng.uniform(0.6 * radius, side - 0.6 * radius) for side in (width, height))
            gaps = [np.hypot(x - other.x, y - other.y) / (radius + other.radius) for other in shapes]
            if min(gaps, default=1) > 0.65:
                kind = str(rng.choice(CLASS_NAMES[1:]))
                shapes.append(_Shape(kind, x, y, radius, rng.uniform(0, 2 * np.pi)))
                break
    return shapes


def _outline(shape: _Shape, height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance to the outline (negative inside) and the shape's own axes in radii, each [height, width]."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x, y = x - shape.x, y - shape.y
    cos, sin = np.cos(shape.angle), np.sin(shape.angle)
    across, along = cos * x + sin * y, cos * y - sin * x
    radius = shape.radius
    if shape.kind == "disk":
        distance = np.hypot(x, y) - 0.9 * radius
    elif shape.kind == "ring":
        distance = np.abs(np.hypot(x, y) - 0.75 * radius) - 0.25 * radius
    elif shape.kind == "square":
        beyond = np.abs(across) - 0.8 * radius, np.abs(along) - 0.7 * radius
        distance = np.hypot(np.maximum(beyond[0], 0), np.maximum(beyond[1], 0))
        distance += np.minimum(np.maximum(*beyond), 0)
    else:
        normals = 2 * np.pi * np.arange(3) / 3
        distance = np.max([np.cos(n) * across + np.sin(n) * along for n in normals], axis=0) - 0.6 * radius
    return distance, across / radius, along / radius


def _ground(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Clouds in two colours, a slope of light, and sometimes a faint texture."""
    first, second = _color(rng, rng.uniform()), _color(rng, rng.uniform())
    clouds = _noise(rng, height, width, int(rng.integers(3, 7)))[..., None]
    image = first * (1 - clouds) + second * clouds
    y, x = np.mgrid[:height, :width] / max(height, width)
    slope = np.cos(rng.uniform(0, 2 * np.pi)) * x + np.sin(rng.uniform(0, 2 * np.pi)) * y
    texture = _texture(rng, str(rng.choice(["grain", "stripes", "shade"])), 4 * x, 4 * y)
    return image + (50 * slope + rng.uniform(0, 14) * texture)[..., None]


def _paint(rng: np.random.Generator, shape: _Shape, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    """The surface of a shape, float [height, width, 3]."""
    hue = rng.normal(_HUES[shape.kind], 0.06) if rng.uniform() < _TYPICAL_HUE else rng.uniform()
    typical = rng.uniform() < _TYPICAL_TEXTURE
    name = _TEXTURES[shape.kind] if typical else str(rng.choice(list(_TEXTURES.values())))
    depth = rng.uniform(25, 50)
    return _color(rng, hue, vivid=True) + (depth * _texture(rng, name, across, along))[..., None]


def _texture(rng: np.random.Generator, name: str, across: np.ndarray, along: np.ndarray) -> np.ndarray:
    """A pattern of -1..1 in the axes of a shape."""
    if name == "shade":
        return np.clip(across, -1, 1)
    if name == "stripes":
        return np.sin(np.pi * rng.uniform(3, 5) * across + rng.uniform(0, 6))
    if name == "dots":
        waves = np.pi * rng.uniform(3, 4.5)
        return np.sin(waves * across) * np.sin(waves * along)
    return 2 * _noise(rng, across.shape[0], across.shape[1], int(rng.integers(30, 50))) - 1


def _noise(rng: np.random.Generator, height: int, width: int, cells: int) -> np.ndarray:
    """Smooth noise of 0..1, `cells` bumps a side."""
    coarse = Image.fromarray(rng.uniform(size=(cells, cells)).astype(np.float32))
    return np.clip(np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)), 0, 1)


def _color(rng: np.random.Generator, hue: float, vivid: bool = False) -> np.ndarray:
    saturation = rng.uniform(0.4, 0.9) if vivid else rng.uniform(0.05, 0.5)
    return 255 * np.array(colorsys.hsv_to_rgb(hue % 1, saturation, rng.uniform(0.45, 0.9)))


def _shade(image: np.ndarray, shape: _Shape) -> np.ndarray:
    """Lets the shape cast its shadow to the lower right."""
    moved = dataclasses.replace(shape, x=shape.x + 2, y=shape.y + 2)
    distance = _outline(moved, *image.shape[:2])[0]
    return image * (1 - 0.3 * np.exp(-np.maximum(distance, 0) / 3))[..., None]


def _photograph(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """Softens the picture as a lens does and adds sensor noise."""
    soft = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.6))
    noisy = np.asarray(soft) + rng.normal(0, rng.uniform(2, 7), image.shape)
    return np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
