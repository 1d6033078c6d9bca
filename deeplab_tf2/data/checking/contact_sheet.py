"""Which examples a person should look at, and how they are drawn: masks laid over their images."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.sources import Example, Source
from deeplab_tf2.data.checking.survey import SplitSurvey, without_union
from deeplab_tf2.data.decoding import Decoding
from deeplab_tf2.pictures.overlay import blend
from deeplab_tf2.pictures.viewable import viewable

MOST = 24
STRANGE = (255, 0, 255)
_LARGEST = 360


@dataclasses.dataclass(frozen=True)
class Choice:
    """An example to look at, and why; `reason` is empty for an ordinary one."""

    split: str
    position: int
    reason: str = ""


def choose(surveys: Mapping[str, SplitSurvey], most: int = MOST) -> list[Choice]:
    """Up to `most` examples, those with a reason first, spread over the splits and within them.

    Args:
        surveys: split name -> what was counted in it.
        most: how many.
    """
    names = without_union(surveys)
    chosen: list[Choice] = []
    for rank, name in enumerate(names):
        room = (most - len(chosen)) // (len(names) - rank)
        chosen += _of_split(name, surveys[name], room)
    return sorted(chosen, key=lambda choice: not choice.reason)


def _of_split(split: str, survey: SplitSurvey, room: int) -> list[Choice]:
    """Half of the room goes to examples with a reason, and half of the rest to the rarest classes."""
    reasons = (
        (survey.strange, "labels outside the classes"),
        (survey.empty, "ignored pixels only"),
        (survey.repeated, "occurs twice"),
        (survey.single, "one class only"),
    )
    odd: dict[int, str] = {}
    for hits, reason in reasons:
        for position, _ in hits.first:
            odd.setdefault(position, reason)
    first = [Choice(split, position, reason) for position, reason in list(odd.items())[: room - room // 2]]
    avoided = {*odd, *(position for position, _ in survey.unreadable.first)}
    rare = [position for position in _rarest_first(survey) if position not in avoided][: (room - len(first)) // 2]
    first += [Choice(split, position) for position in rare]
    avoided.update(rare)
    others = [position for position in range(survey.examples) if position not in avoided]
    if not others:
        return first
    places = np.unique(np.linspace(0, len(others) - 1, room - len(first)).astype(int))
    return first + [Choice(split, others[place]) for place in places]


def _rarest_first(survey: SplitSurvey) -> list[int]:
    """Positions of the examples with most of each label, those of the rarest label first; none twice."""
    labels = sorted(survey.most_of, key=lambda label: int(survey.label_pixels[label]))
    return list(dict.fromkeys(survey.most_of[label][1] for label in labels))


def drawn(
    source: Source, choices: list[Choice], descriptor: Descriptor
) -> Iterator[tuple[Choice, Example, np.ndarray]]:
    """The chosen examples with their pictures, uint8 [height, width, 3], at most 360 pixels a side.

    Labels outside the classes are magenta, ignored pixels show the image alone. Examples that cannot be read are
    left out.
    """
    for choice in choices:
        try:
            example = source.read(choice.split, choice.position)
            yield choice, example, overlay(example, descriptor, source.decoding)
        except InputError:
            continue


def overlay(example: Example, descriptor: Descriptor, decoding: Decoding) -> np.ndarray:
    """One example as a small picture.

    Raises:
        InputError: the image cannot be read, or image and mask differ in size.
    """
    image = Image.fromarray(viewable(decoding.pixels(example.image)))
    factor = min(_LARGEST / max(image.size), 1)
    size = (max(round(image.width * factor), 1), max(round(image.height * factor), 1))
    small = np.asarray(image.resize(size, Image.Resampling.BOX))
    if example.label is None:
        return small
    if example.label.shape != (image.height, image.width):
        raise InputError(f"image and mask of {example.name} differ in size")
    labels = np.asarray(Image.fromarray(example.label).resize(size, Image.Resampling.NEAREST))
    colors = np.full((256, 3), STRANGE, np.uint8)
    colors[: descriptor.num_classes] = descriptor.colors
    return blend(small, labels, colors, descriptor.ignore_label, opacity=0.55)
