"""Small real image and mask files for the tests of conversion."""

import io
import pathlib

import numpy as np
from PIL import Image


def picture(height=20, width=30, seed=0):
    """A smooth random picture, uint8 [height, width, 3]."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def stripes(height=20, width=30, labels=(0, 1, 2)):
    """A mask of horizontal stripes, uint8 [height, width]."""
    rows = np.array(labels, np.uint8)[np.arange(height) * len(labels) // height]
    return np.repeat(rows[:, None], width, axis=1)


def encoded(pixels, kind="PNG", **options):
    """The bytes of an image file; `pixels` is an array or a Pillow image."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def palette_mask(labels):
    """A Pillow palette image of the labels, in colours that are no indices."""
    image = Image.fromarray(labels)
    image.putpalette([(37 * value + 91) % 256 for value in range(768)])
    return image


def write(path, data):
    """Writes bytes or text into a new file, with its folders."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def write_pairs(folder, names, labels=(0, 1, 2)):
    """images/NAME.jpg and masks/NAME.png below `folder`; returns both folders."""
    for seed, name in enumerate(names):
        write(folder / "images" / f"{name}.jpg", encoded(picture(seed=seed), "JPEG"))
        write(folder / "masks" / f"{name}.png", encoded(stripes(labels=labels)))
    return str(folder / "images"), str(folder / "masks")
