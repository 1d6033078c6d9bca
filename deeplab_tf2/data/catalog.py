"""A dataset describes itself: the descriptor that lies beside its TFRecords."""

from __future__ import annotations

import dataclasses

import numpy as np

from deeplab_tf2.config import Config, InputError, read_json, write_json
from deeplab_tf2.data.mirror import mirror_pairs
from deeplab_tf2.storage import join

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
        channel_means: mean of each channel over all pixels; empty where images were not decoded for it.
        channel_deviations: standard deviation of each channel over all pixels, likewise.
    """

    examples: int
    shards: int
    labelled: bool = True
    class_pixels: tuple[int, ...] = ()
    class_images: tuple[int, ...] = ()
    ignored_pixels: int = 0
    largest_image: tuple[int, ...] = (0, 0)
    channel_means: tuple[float, ...] = ()
    channel_deviations: tuple[float, ...] = ()


@dataclasses.dataclass(frozen=True)
class Descriptor(Config):
    """Class names, colours, ignore label and splits of a dataset.

    Attributes:
        name: name of the dataset.
        class_names: one name per class; a class's label is its position.
        colors: one (red, green, blue) of 0..255 per class.
        ignore_label: label without loss and metric.
        splits: what each split holds.
        mirror_pairs: pairs of class names that change places in a mirrored image; None: found by name, as
            left_eye with right_eye; empty: there are none.
        input_channels: channels of the images; 3 for colour photographs.
        source: what the records were made from, where that is no folder, as tfds:oxford_iiit_pet:4.0.0.
    """

    name: str
    class_names: tuple[str, ...]
    colors: tuple[tuple[int, ...], ...]
    ignore_label: int = 255
    splits: dict[str, Split] = dataclasses.field(default_factory=dict)
    mirror_pairs: tuple[tuple[str, str], ...] | None = None
    input_channels: int = 3
    source: str = ""

    def __post_init__(self) -> None:
        splits = {
            key: value if isinstance(value, Split) else Split.from_dict(value) for key, value in self.splits.items()
        }
        object.__setattr__(self, "splits", splits)
        object.__setattr__(self, "colors", tuple(tuple(color) for color in self.colors))
        if len(self.class_names) < 2:
            raise InputError(f"a dataset needs at least 2 classes; found {self.class_names}")
        if not all(self.class_names):
            raise InputError(f"a class has no name; found {', '.join(map(repr, self.class_names))}")
        if len(set(self.class_names)) != len(self.class_names):
            raise InputError(f"class names must differ from each other; found {', '.join(self.class_names)}")
        if not 0 <= self.ignore_label <= 255:
            raise InputError(f"ignore_label is {self.ignore_label}; masks hold 0 to 255")
        wrong = [color for color in self.colors if len(color) != 3 or min(color) < 0 or max(color) > 255]
        if wrong:
            raise InputError(f"the colour {wrong[0]} is no (red, green, blue) of 0 to 255")
        if len(self.colors) != len(self.class_names):
            raise InputError(f"{len(self.class_names)} classes need as many colours; found {len(self.colors)}")
        self._check_mirror_pairs()

    def _check_mirror_pairs(self) -> None:
        if self.mirror_pairs is None:
            return
        pairs = tuple(tuple(pair) for pair in self.mirror_pairs)
        object.__setattr__(self, "mirror_pairs", pairs)
        named = [name for pair in pairs for name in pair]
        unknown = [name for name in named if name not in self.class_names]
        if unknown or len(set(named)) != len(named) or any(len(pair) != 2 for pair in pairs):
            raise InputError(
                f"mirror_pairs {pairs} must be pairs of class names, each name in one pair only"
                + (f"; no class is called {', '.join(unknown)}" if unknown else "")
            )

    @property
    def mirrored_pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of class names that change places in a mirrored image: as declared, else as found by name."""
        return mirror_pairs(self.class_names) if self.mirror_pairs is None else self.mirror_pairs

    @property
    def mirrored_labels(self) -> tuple[int, ...]:
        """What each label becomes in a mirrored image: itself, or the other one of its pair."""
        label = {name: position for position, name in enumerate(self.class_names)}
        mirrored = list(range(self.num_classes))
        for one, other in self.mirrored_pairs:
            mirrored[label[one]], mirrored[label[other]] = label[other], label[one]
        return tuple(mirrored)

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
        return write_json(join(folder, FILE_NAME), self.to_dict())


def load_descriptor(folder: str) -> Descriptor:
    """Reads the descriptor beside the records in `folder`.

    Raises:
        InputError: there is none, or it is damaged.
    """
    return Descriptor.from_dict(read_json(join(folder, FILE_NAME), "a converted dataset"))


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
