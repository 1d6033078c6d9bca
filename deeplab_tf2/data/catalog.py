"""A dataset describes itself: the descriptor that lies beside its TFRecords."""

from __future__ import annotations

import dataclasses
import os

import numpy as np

from deeplab_tf2.config import Config, InputError, read_json, write_json

FILE_NAME = "descriptor.json"


@dataclasses.dataclass(frozen=True)
class Split(Config):
    """What one split holds, counted at conversion.

    Attributes:
        examples: number of images.
        shards: number of TFRecord files.
        labelled: whether the images have masks.
        class_pixels: pixels of each class, in the order of the class names; empty without masks.
        class_images: images in which each class occurs; empty without masks.
        ignored_pixels: pixels that carry the ignore label.
        largest_image: (height, width) that no image of the split exceeds, in pixels.
    """

    examples: int
    shards: int
    labelled: bool = True
    class_pixels: tuple[int, ...] = ()
    class_images: tuple[int, ...] = ()
    ignored_pixels: int = 0
    largest_image: tuple[int, ...] = (0, 0)


@dataclasses.dataclass(frozen=True)
class Descriptor(Config):
    """Class names, colours, ignore label and splits of a dataset.

    Attributes:
        name: name of the dataset.
        class_names: one name per class; a class's label is its position.
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: label without loss and metric.
        splits: what each split holds.
    """

    name: str
    class_names: tuple[str, ...]
    colors: tuple[tuple[int, ...], ...]
    ignore_label: int = 255
    splits: dict[str, Split] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        splits = {
            key: value if isinstance(value, Split) else Split.from_dict(value) for key, value in self.splits.items()
        }
        object.__setattr__(self, "splits", splits)
        if len(self.class_names) < 2:
            raise InputError(f"a dataset needs at least 2 classes; found {self.class_names}")
        if len(set(self.class_names)) != len(self.class_names):
            raise InputError(f"class names must differ from each other; found {', '.join(self.class_names)}")
        if len(self.colors) != len(self.class_names):
            raise InputError(f"{len(self.class_names)} classes need as many colours; found {len(self.colors)}")

    @property
    def num_classes(self) -> int:
        """Number of classes, without the ignore label."""
        return len(self.class_names)

    def split(self, name: str) -> Split:
        """The split called `name`.

        Raises:
            InputError: there is none; the message lists those there are.
        """
        if name not in self.splits:
            raise InputError(f"dataset {self.name!r} has no split {name!r}; it has {', '.join(sorted(self.splits))}")
        return self.splits[name]

    def save(self, folder: str) -> str:
        """Writes `descriptor.json` into `folder`, whole or not at all, and returns its path."""
        return write_json(os.path.join(folder, FILE_NAME), self.to_dict())


def load_descriptor(folder: str) -> Descriptor:
    """Reads the descriptor beside the records in `folder`.

    Raises:
        InputError: there is none, or it is damaged.
    """
    return Descriptor.from_dict(read_json(os.path.join(folder, FILE_NAME), "a converted dataset"))


def constant_answer_miou(truth_pixels: np.ndarray) -> float:
    """The mean IoU of a network that always answers the commonest class.

    Args:
        truth_pixels: valid pixels per class in the truth.

    Returns:
        The commonest class's share of the pixels over the number of classes that occur; nan without pixels.
    """
    truth = np.asarray(truth_pixels, np.float64)
    if not truth.sum():
        return float("nan")
    return float(truth.max() / truth.sum() / (truth > 0).sum())
