"""The command build_tfrecord: a folder of images and masks becomes TFRecords with their descriptor."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Mapping, Sequence

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.source_files import Classes, FilesConfig
from deeplab_tf2.cli.source_files import read_class_names as read_class_names
from deeplab_tf2.config import InputError, leaf
from deeplab_tf2.data.lists import Pair

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class BuildConfig(FilesConfig):
    """What is converted, and into what."""

    output_dir: str = leaf("", "Folder for the records.")
    name: str | None = leaf(None, "Name of the dataset; unset: that of the output folder.")
    num_shards: int = leaf(4, "TFRecord files per split.")
    image_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")
    label_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.output_dir:
            raise InputError("--output_dir is missing; see --help")


def main() -> None:
    """Runs the command line."""
    binding.run(command, BuildConfig)


def command(given: binding.Given) -> None:
    """Converts as the flags say, and prints what came out."""
    config = BuildConfig(**given[BuildConfig])
    classes = config.classes()
    for name in ("image_format", "label_format"):
        if getattr(config, name):
            print(f"--{name} has no effect: the format is read from each file.", file=sys.stderr)
    pairing = config.pair_files()
    for note in pairing.notes:
        print(f"note: {note}")
    _convert(config, classes, pairing.splits)


def _convert(config: BuildConfig, classes: Classes, splits: Mapping[str, Sequence[Pair]]) -> None:
    import numpy as np
    from tqdm import tqdm

    from deeplab_tf2.data import check, convert, summary, writer

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
            mirror_pairs=classes.mirror_pairs,
            mask_reader=config.mask_reader(classes),
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
