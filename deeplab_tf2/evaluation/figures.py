"""Images on a page, with what is seen in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from deeplab_tf2.evaluation.visualise import Example
from deeplab_tf2.pictures.error_map import error_map
from deeplab_tf2.pictures.overlay import blend
from deeplab_tf2.pictures.page import Html, element, picture

# The longer side of a picture on a page, in pixels.
LARGEST = 400
_OPACITY = 0.65


def example_row(
    example: Example, colors: Sequence[Sequence[int]] | np.ndarray, ignore_label: int | None, errors: bool = False
) -> Html:
    """Photo, truth, prediction and, on request, where they differ, in a row.

    Args:
        example: the image; of one without truth only photo and prediction are shown.
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: true label that is no class.
        errors: whether wrong pixels are shown too.
    """
    shown = list(_pictures(example, colors, ignore_label, errors))
    figures = [picture(_reduced(pixels), what, f"{what} of {example.name}") for what, pixels in shown]
    return element("div", *figures, kind="quad" if errors else "triple")


def _pictures(
    example: Example, colors: Sequence[Sequence[int]] | np.ndarray, ignore_label: int | None, errors: bool
) -> Iterator[tuple[str, np.ndarray]]:
    image, labels, truth = example.image, example.labels, example.truth
    yield "photo", image
    if truth is not None:
        yield "truth", blend(image, truth, colors, ignore_label, _OPACITY)
    # Where the truth is ignored, a prediction that was saved may hold what is no class.
    known = np.where((labels >= 0) & (labels < len(colors)), labels, -1)
    yield "prediction", blend(image, known, colors, -1, _OPACITY)
    if truth is not None and errors:
        yield "errors", error_map(image, truth, labels, ignore_label)


def _reduced(pixels: np.ndarray) -> np.ndarray:
    image = Image.fromarray(pixels)
    image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return np.asarray(image)
