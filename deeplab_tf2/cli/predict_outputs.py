"""How the results of predict are called, and that they replace nothing beside the images."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import os
import pathlib
from collections.abc import Iterator, Sequence

from deeplab_tf2.cli.predict_inputs import Input
from deeplab_tf2.config import InputError


def with_stems(given: Sequence[Input], folder: str, taken: Sequence[str] = ()) -> list[Input]:
    """The same with what their results begin with: `folder` and their name, made unique where two would meet.

    Args:
        given: images and videos.
        folder: where the results go.
        taken: names that no image gets.
    """
    # Compared without case: some file systems do not tell A from a.
    times = collections.Counter(pathlib.Path(one.name).stem.lower() for one in given)
    numbers: dict[str, Iterator[int]] = collections.defaultdict(lambda: itertools.count(1))
    named, met = [], {name.lower() for name in taken}
    for one in given:
        path = pathlib.Path(one.name)
        name = path.stem if times[path.stem.lower()] == 1 else path.name
        called = (name if number == 1 else f"{name}_{number}" for number in numbers[name.lower()])
        name = next(candidate for candidate in called if candidate.lower() not in met)
        met.add(name.lower())
        named.append(dataclasses.replace(one, stem=os.path.join(folder, name)))
    return named


def numbered(named: Sequence[Input]) -> Iterator[str]:
    """Lines that tell which image is meant, where its results have a number."""
    for one in named:
        path, name = pathlib.Path(one.name), os.path.basename(one.stem)
        if name not in (path.stem, path.name):
            # A name may hold bytes that are no text.
            yield f"the results {name}... are of {one.name}".encode(errors="replace").decode()


def results(one: Input, outputs: Sequence[str], tiled: bool = False) -> list[str]:
    """The files that are written of an image or video; for the single frames of a video their folder.

    Args:
        one: with its stem.
        outputs: names of forms, see `forms.NAMES`.
        tiled: whether images are segmented in tiles.
    """
    from deeplab_tf2.inference import films, forms, rasters

    if one.is_film:
        frames = set(outputs) != {"overlay"}
        return [one.stem + films.END] * ("overlay" in outputs) + [one.stem] * frames
    if tiled:
        end = ".tif" if one.name.lower().endswith(rasters.EXTENSIONS) else ".png"
        return [f"{one.stem}_{name}{end}" for name in outputs]
    return [one.stem + forms.FORMS[name].end for name in outputs if name != forms.COCO]


def refuse_replacing(files: Sequence[tuple[str, str]], given: Sequence[Input]) -> None:
    """Refuses to write what would replace an image, or anything else in the folder of one.

    Args:
        files: each result, and what it is of.
        given: images and videos.

    Raises:
        InputError: a result would.
    """
    inputs = {os.path.realpath(one.name) for one in given if one.data is None}
    # Of a link, both its own folder and that of its target.
    folders = {os.path.dirname(path) for path in inputs}
    folders |= {os.path.realpath(os.path.dirname(one.name)) for one in given if one.data is None}
    kept = inputs | folders
    for file, what in files:
        is_beside = os.path.realpath(os.path.dirname(file)) in folders
        if (is_beside and os.path.lexists(file)) or os.path.realpath(file) in kept:
            raise InputError(
                f"the result {file} of {what} would replace what lies beside the images: choose another --output_dir"
            )


def names_in_coco(inputs: Sequence[Input]) -> dict[str, str]:
    """Name -> path from the folder that holds all images."""
    folders = [os.path.dirname(os.path.abspath(one.name)) for one in inputs]
    root = os.path.commonpath(folders) if folders else "."
    return {one.name: os.path.relpath(one.name, root) for one in inputs}
