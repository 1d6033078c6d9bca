"""The command check_dataset: what is wrong with a dataset, told before the first step is paid for."""

from __future__ import annotations

import collections
import dataclasses
import os
import sys
import typing

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.build_tfrecord import read_class_names
from deeplab_tf2.config import Config, DataConfig, InputError, leaf
from deeplab_tf2.data.catalog import Descriptor, load_descriptor

if typing.TYPE_CHECKING:
    from deeplab_tf2.data.check import Report
    from deeplab_tf2.data.sources import Source

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class CheckConfig(Config):
    """What is checked: records, or the files that records will be made of."""

    dataset_dir: str = leaf("", "Folder with the TFRecords and their descriptor.json.")
    image_folder: str = leaf("", "Instead of records: folder of the images.")
    semantic_segmentation_folder: str | None = leaf(None, "Folder of the masks of these images.")
    list_folder: str | None = leaf(None, "Folder of train.txt, val.txt and the like; unset: a seeded split.")
    class_names: tuple[str, ...] = leaf((), "Names of the classes, or a text file with one name per line.")
    ignore_label: int = leaf(255, "Mask value without loss and metric, 0 to 255.")
    train_split: str = leaf("train", "The split to train on.")
    train_crop_size: tuple[int, ...] = leaf(DataConfig().train_crop_size, "Training crop height,width in pixels.")

    output: str | None = leaf(
        None, "The page to write, an .html file; unset: check.html beside the records, and none for files."
    )

    def __post_init__(self) -> None:
        if bool(self.dataset_dir) == bool(self.image_folder):
            raise InputError("give --dataset_dir for records, or --image_folder for files: one of the two")
        if self.image_folder and not self.class_names:
            raise InputError("--image_folder needs --class_names, one name per class in the order of the labels")
        crop = DataConfig(train_crop_size=self.train_crop_size).train_crop_size
        object.__setattr__(self, "train_crop_size", crop)


def main() -> None:
    """Runs the command line."""
    binding.run(command, CheckConfig)


def command(given: binding.Given) -> int:
    """Checks, prints the findings, and returns 0 when training may start, 1 when it must not."""
    config = CheckConfig(**given[CheckConfig])
    descriptor, source = _opened(config)
    from tqdm import tqdm

    from deeplab_tf2.data.check import check_dataset

    height, width = config.train_crop_size
    with tqdm(total=sum(source.sizes().values()), desc="checking", unit="image", file=sys.stderr) as bar:
        report = check_dataset(
            source, descriptor, crop_size=(height, width), train_split=config.train_split, advance=bar.update
        )
    _print(report)
    _write_page(config, source, descriptor, report)
    return 0 if report.may_train else 1


def _opened(config: CheckConfig) -> tuple[Descriptor, Source]:
    from deeplab_tf2.data.sources import FileSource, RecordSource

    if config.dataset_dir:
        descriptor = load_descriptor(config.dataset_dir)
        descriptor.split(config.train_split)
        return descriptor, RecordSource(config.dataset_dir, list(descriptor.splits))
    from deeplab_tf2.data.convert import joined_split
    from deeplab_tf2.data.lists import pair_files
    from deeplab_tf2.pictures.palettes import default_colors

    pairing = pair_files(config.image_folder, config.semantic_segmentation_folder, config.list_folder)
    for note in pairing.notes:
        print(f"note: {note}")
    names = read_class_names(config.class_names)
    # What train and val are made of need not be read twice.
    apart = {split: pairs for split, pairs in pairing.splits.items() if split != joined_split(pairing.splits)}
    if config.train_split not in apart:
        raise InputError(f"there is no split {config.train_split!r}; found {', '.join(apart)}")
    name = os.path.basename(os.path.abspath(config.image_folder))
    return Descriptor(name, names, default_colors(len(names)), config.ignore_label), FileSource(apart)


def _write_page(config: CheckConfig, source: Source, descriptor: Descriptor, report: Report) -> None:
    from deeplab_tf2.data import check_page

    path = config.output or (config.dataset_dir and os.path.join(config.dataset_dir, check_page.FILE_NAME))
    if path:
        print(f"page: {check_page.write_check_page(path, source, descriptor, report, config.train_split)}")


def _print(report: Report) -> None:
    for finding in report.findings:
        print(f"{finding.severity.name.lower()}: {finding.text}")
    counts = collections.Counter(finding.severity.name.lower() for finding in report.findings)
    told = ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items()) or "nothing found"
    print(f"{told}: training {'may start' if report.may_train else 'must not start before the errors are mended'}")
