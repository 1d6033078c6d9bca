"""The command build_tfrecord: a folder of images and masks becomes TFRecords with their descriptor."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Literal

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, leaf
from deeplab_tf2.data import lists
from deeplab_tf2.data.label_map import Color, LabelMap
from deeplab_tf2.data.label_map_file import read_label_map

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class BuildConfig(Config):
    """What is converted, and how."""

    image_folder: str = leaf("", "Folder of the images, with subfolders.")
    semantic_segmentation_folder: str | None = leaf(
        None, "Folder of the masks, which have the names of their images; may be the same folder."
    )
    image_suffix: str = leaf("", "End of image names before the extension: _leftImg8bit for a_leftImg8bit.png.")
    mask_suffix: str = leaf("", "End of mask names before the extension: _mask for a_mask.png.")
    list_folder: str | None = leaf(None, "Folder of train.txt, val.txt and the like; unset: a seeded split.")
    output_dir: str = leaf("", "Folder for the records.")
    class_names: tuple[str, ...] = leaf(
        (), "Names of the classes in the order of their labels, or a text file with one name per line."
    )
    label_map: str | None = leaf(
        None, "JSON or CSV file of the classes: names, mask values, colours; what is ignored; mirror pairs."
    )
    unknown_colors: Literal["refuse", "nearest"] = leaf(
        "refuse", "What a mask colour outside the label map is: a mistake, or the nearest colour in it."
    )
    binary_masks: bool = leaf(
        False, "Whether masks are black and white pictures: from half bright (128 of 255) on, the second class."
    )
    class_by_folder: bool = leaf(
        False, "Whether the folder of a black and white mask, called like a class, says the class of what is bright."
    )
    resize_masks: Literal["refuse", "nearest"] = leaf(
        "refuse", "What a mask of another size than its image is: a mistake, or scaled if the shape agrees."
    )
    ignore_label: int = leaf(255, "Mask value without loss and metric, 0 to 255.")
    colors: tuple[str, ...] = leaf((), "One colour #rrggbb per class; unset: the PASCAL VOC colours.")
    name: str | None = leaf(None, "Name of the dataset; unset: that of the output folder.")
    num_shards: int = leaf(4, "TFRecord files per split.")
    validation_share: float = leaf(0.2, "Part of the images that becomes val when there are no lists.")
    seed: int = leaf(0, "Seed of that split.")
    image_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")
    label_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")

    def __post_init__(self) -> None:
        for name in ("image_folder", "output_dir", "class_names"):
            if not getattr(self, name) and not (name == "class_names" and self.label_map):
                raise InputError(f"--{name} is missing{' (or --label_map)' * (name == 'class_names')}; see --help")
        if self.class_by_folder and not self.binary_masks:
            raise InputError("--class_by_folder is about black and white masks: say --binary_masks too")
        for name in ("unknown_colors", "resize_masks"):
            if getattr(self, name) not in ("refuse", "nearest"):
                raise InputError(f"--{name}={getattr(self, name)}; legal are refuse and nearest")


def main() -> None:
    """Runs the command line."""
    binding.run(command, BuildConfig)


def command(given: binding.Given) -> None:
    """Converts as the flags say, and prints what came out."""
    config = BuildConfig(**given[BuildConfig])
    classes = Classes.of(config)
    for name in ("image_format", "label_format"):
        if getattr(config, name):
            print(f"--{name} has no effect: the format is read from each file.", file=sys.stderr)
    pairing = lists.pair_files(
        config.image_folder,
        config.semantic_segmentation_folder,
        config.list_folder,
        image_suffix=config.image_suffix,
        mask_suffix=config.mask_suffix,
        validation_share=config.validation_share,
        seed=config.seed,
    )
    for note in pairing.notes:
        print(f"note: {note}")
    _convert(config, classes, pairing.splits)


@dataclasses.dataclass(frozen=True)
class Classes:
    """The classes that the flags give: one by one, or by a label map.

    Attributes:
        names: one name per class.
        colors: one (red, green, blue) per class, or None for the default ones.
        label_map: where they come from, if a file says more about them.
    """

    names: tuple[str, ...]
    colors: tuple[Color, ...] | None = None
    label_map: LabelMap | None = None

    @classmethod
    def of(cls, config: BuildConfig) -> Classes:
        """The classes of the flags.

        Raises:
            InputError: a label map says otherwise than --class_names or --colors, or cannot be used.
        """
        names = read_class_names(config.class_names)
        colors = tuple(_color(text) for text in config.colors) or None
        if not config.label_map:
            return cls(names, colors)
        label_map = read_label_map(config.label_map)
        for flag, given, listed in (
            ("class_names", names, label_map.class_names),
            ("colors", colors, label_map.colors),
        ):
            if given and listed and given != listed:
                raise InputError(f"--{flag} differs from {label_map.path}; leave --{flag} out")
        return cls(label_map.class_names, label_map.colors or colors, label_map)


def _convert(config: BuildConfig, classes: Classes, splits: Mapping[str, Sequence[lists.Pair]]) -> None:
    import numpy as np
    from tqdm import tqdm

    from deeplab_tf2.data import check, convert, masks, summary, writer

    reader = masks.MaskReader(
        config.ignore_label,
        classes.label_map,
        nearest_color=config.unknown_colors == "nearest",
        binary=config.binary_masks,
        resize=config.resize_masks == "nearest",
        folders={name: label for label, name in enumerate(classes.names) if label} if config.class_by_folder else None,
    )
    notes: list[str] = []
    total = convert.files_to_read(splits)
    with tqdm(total=total, desc="converting", unit="image", smoothing=0.1, file=sys.stderr) as bar:
        descriptor = convert.convert(
            splits,
            config.output_dir,
            classes.names,
            name=config.name or os.path.basename(os.path.abspath(config.output_dir)),
            colors=classes.colors,
            ignore_label=config.ignore_label,
            mask_reader=reader,
            num_shards=config.num_shards,
            advance=bar.update,
            note=notes.append,
        )
    for note in notes:
        print(f"note: {note}")
    print(summary.format_summary(descriptor))
    for split, counted in descriptor.splits.items():
        for finding in check.balance(np.array(counted.class_pixels), descriptor) if counted.labelled else ():
            print(f"warning: split {split}: {finding.text}")
    for split in sorted(set(writer.shard_files(config.output_dir)) - set(descriptor.splits)):
        print(f"note: older shards of split {split} were left alone; the descriptor does not know them")
    print(f"records and descriptor: {config.output_dir}")


def read_class_names(values: tuple[str, ...]) -> tuple[str, ...]:
    """The class names of the flag: given one by one, or as the path of a file with one per line."""
    if len(values) != 1:
        return values
    if not os.path.isfile(values[0]):
        raise InputError(f"--class_names={values[0]} is one name and no file; give all names, comma-separated")
    with open(values[0], encoding="utf-8-sig") as file:
        return tuple(line.strip() for line in file if line.strip())


def _color(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError(text)
        red, green, blue = bytes.fromhex(digits)
    except ValueError as error:
        raise InputError(f"--colors has {text!r}; legal is #rrggbb, for example #ff8000") from error
    return red, green, blue
