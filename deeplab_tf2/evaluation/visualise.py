"""Predictions of a whole split as pictures, under the official file names."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from deeplab_tf2 import storage
from deeplab_tf2.data.files.band_arrays import RGB
from deeplab_tf2.evaluation.original_size import at_size
from deeplab_tf2.evaluation.raw_files import raw_name
from deeplab_tf2.evaluation.server_files import ServerFiles
from deeplab_tf2.pictures.legend import side_by_side, with_legend
from deeplab_tf2.pictures.overlay import blend, colorize, save_png
from deeplab_tf2.pictures.viewable import viewable

PICTURES = "segmentation_results"
RAW = "raw_segmentation_results"


@dataclasses.dataclass(frozen=True)
class Style:
    """How predictions are drawn and stored.

    Attributes:
        names: class names.
        colors: one (red, green, blue) of 0..255 per class, or more.
        ignore_label: label of the truth that is no class.
        raw_ids: number stored per class in the raw predictions; None for the class itself.
    """

    names: Sequence[str]
    colors: np.ndarray
    ignore_label: int
    raw_ids: np.ndarray | None = None


def visualise(
    found: Iterable[Example],
    folder: str,
    style: Style,
    save_raw: bool = False,
    server_files: ServerFiles | None = None,
    progress: Callable[[int], object] | None = None,
) -> np.ndarray:
    """Writes image, coloured prediction and overlay of every example, and on request the predicted numbers.

    Args:
        found: images with their predictions, see `examples`.
        folder: gets the two folders `segmentation_results` and `raw_segmentation_results`.
        style: names and colours.
        save_raw: whether the predicted numbers are stored too, each under its image's name.
        server_files: stores them as an evaluation server wants them; None for no server.
        progress: is called after each image with 1, the number of images just done.

    Returns:
        Predicted pixels per class, int64 [classes].
    """
    for name in (PICTURES, RAW):
        storage.make_folder(os.path.join(folder, name))
    pixels, taken = np.zeros(len(style.names), np.int64), set[str]()
    for index, example in enumerate(found):
        _draw(os.path.join(folder, PICTURES, f"{index:06d}"), example, style)
        if save_raw:
            numbers = example.labels if style.raw_ids is None else style.raw_ids[example.labels]
            save_png(os.path.join(folder, RAW, raw_name(example.name, index, taken)), numbers)
        if server_files is not None:
            server_files.save(example.name, example.labels)
        pixels += np.bincount(example.labels.ravel(), minlength=len(pixels))
        if progress is not None:
            progress(1)
    return pixels


@dataclasses.dataclass(frozen=True, eq=False)
class Example:
    """One image without its padding, and what the network says of it.

    Attributes:
        name: name of the image.
        image: a picture of it, uint8 [height, width, 3].
        labels: predicted labels, int32 [height, width].
        truth: true labels, int32 [height, width]; None where there are none.
        confidence: probability of the predicted labels, float32 [height, width]; None where it is not known.
        probabilities: those of all classes, float32 [height, width, classes]; None where they were not asked for.
    """

    name: str
    image: np.ndarray
    labels: np.ndarray
    truth: np.ndarray | None
    confidence: np.ndarray | None = None
    probabilities: np.ndarray | None = None


def examples(predict: Callable[[Any], Any], dataset: Iterable[dict[str, Any]]) -> Iterator[Example]:
    """The images of a data set with their predictions, one by one.

    Args:
        predict: from images, float32 [batch, height, width, channels], to labels, int32 [batch, height, width], or to a
            dictionary of "labels" and what else an `Example` holds of a prediction.
        dataset: batches {"image", "name", "height", "width"} and, where there is a truth, "label"; an example is the
            upper left [height, width] of its image, without padding. Where it has been resized and "original_image"
            (and "original_label") come too, predictions are brought back to that size.
    """
    for batch in dataset:
        values = {key: np.asarray(value) for key, value in batch.items()}
        answer = predict(values["image"])
        answer = answer if isinstance(answer, dict) else {"labels": answer}
        found = {key: np.asarray(value) for key, value in answer.items()}
        for position in range(len(found["labels"])):
            inside = slice(values["height"][position]), slice(values["width"][position])
            whole = {key: value[position] for key, value in values.items()}
            seen = {key: whole[key][inside] for key in ("image", "label") if key in whole}
            said = {key: value[position][inside] for key, value in found.items()}
            if "original_image" in whole:
                seen = {key: whole[f"original_{key}"] for key in seen}
                said = at_size(said, seen["image"].shape[:2])
            yield Example(
                name=bytes(whole["name"]).decode(), image=_picture(seen["image"]), truth=seen.get("label"), **said
            )


def _picture(pixels: np.ndarray) -> np.ndarray:
    return viewable(np.rint(pixels).astype(np.uint8) if pixels.shape[-1] == RGB else pixels)


def _draw(stem: str, example: Example, style: Style) -> None:
    image, labels, truth = example.image, example.labels, example.truth
    save_png(f"{stem}_image.png", image)
    save_png(f"{stem}_prediction.png", colorize(labels, style.colors))
    picture, seen = blend(image, labels, style.colors), labels
    if truth is not None:
        true_picture = blend(image, truth, style.colors, style.ignore_label)
        picture = side_by_side([picture, true_picture], ["prediction", "truth"])
        seen = np.concatenate([labels.ravel(), truth[truth != style.ignore_label]])
    # Only what the picture shows; shares of the prediction would mislead beside the truth.
    shown = np.unique(seen)
    names, colors = [style.names[label] for label in shown], np.asarray(style.colors)[shown]
    save_png(f"{stem}_overlay.png", with_legend(picture, names, colors))
