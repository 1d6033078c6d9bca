"""The command check_dataset: what is wrong with a dataset, told before the first step is paid for."""

from __future__ import annotations

import collections
import dataclasses
import sys
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.source_files import FilesConfig
from deeplab_tf2.config import Config, DataConfig, InputError, leaf
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.known import described, split_found
from deeplab_tf2.data.pairing.pairs import Problem, refuse

if typing.TYPE_CHECKING:
    from deeplab_tf2.data.checking.check import Report
    from deeplab_tf2.data.checking.sources import Source

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class CheckConfig(Config):
    """What is checked, and for which training; without records, the files that `FilesConfig` tells of."""

    dataset_dir: str = leaf("", "Folder with the TFRecords and their descriptor.json; unset: files, as below.")
    dataset: str | None = leaf(
        None, "Name of the dataset, for records without descriptor.json: pascal_voc_seg, cityscapes or ade20k."
    )
    train_split: str = leaf("train", "The split to train on.")
    train_crop_size: tuple[int, ...] = leaf(DataConfig().train_crop_size, "Training crop height,width in pixels.")
    output: str | None = leaf(
        None, "The page to write, an .html file; unset: check.html beside the records, and none for files."
    )

    def __post_init__(self) -> None:
        crop = DataConfig(train_crop_size=self.train_crop_size).train_crop_size
        object.__setattr__(self, "train_crop_size", crop)


def main() -> None:
    """Runs the command line."""
    binding.run(command, CheckConfig, FilesConfig)


def command(given: binding.Given) -> int:
    """Checks, prints the findings, and returns 0 when training may start, 1 when it must not."""
    config = CheckConfig(**given[CheckConfig])
    descriptor, source, problems = _opened(config, given[FilesConfig])
    config = config.replace(train_split=split_found(descriptor, config.train_split))
    from tqdm import tqdm

    from deeplab_tf2.data.checking.check import check_dataset

    height, width = config.train_crop_size
    with tqdm(total=sum(source.sizes().values()), desc="checking", unit="image", file=sys.stderr) as bar:
        report = check_dataset(
            source,
            descriptor,
            crop_size=(height, width),
            train_split=config.train_split,
            problems=problems,
            advance=bar.update,
        )
    _print(report)
    _write_page(config, source, descriptor, report)
    return 0 if report.may_train else 1


def _opened(config: CheckConfig, files: Mapping[str, Any]) -> tuple[Descriptor, Source, Sequence[Problem]]:
    """What is checked, and what did not pair.

    Args:
        config: the flags of the check.
        files: the fields of `FilesConfig` that the user gave.
    """
    if bool(config.dataset_dir) == bool(files.get("image_folder")):
        raise InputError("give --dataset_dir for records, or --image_folder for files: one of the two")
    if config.dataset_dir and files:
        raise InputError(f"--{next(iter(files))} is about files; the records in {config.dataset_dir} are made already")
    if not config.dataset_dir:
        return _opened_files(FilesConfig(**files), config.train_split)
    descriptor = described(config.dataset_dir, config.dataset)
    descriptor.split(split_found(descriptor, config.train_split))
    # Late, for it waits for TensorFlow: what is missing is told at once.
    from deeplab_tf2.data.checking.sources import RecordSource

    return descriptor, RecordSource(config.dataset_dir, list(descriptor.splits), descriptor.input_channels), ()


def _opened_files(config: FilesConfig, train_split: str) -> tuple[Descriptor, Source, Sequence[Problem]]:
    """Files, paired and read exactly as a conversion with the same flags would."""
    from deeplab_tf2.data.checking.sources import FileSource
    from deeplab_tf2.data.conversion.convert import joined_split

    classes, pairing = config.classes(), config.pair_files()
    for note in pairing.notes:
        print(f"note: {note}")
    # What train and val are made of need not be read twice.
    apart = {split: pairs for split, pairs in pairing.splits.items() if split != joined_split(pairing.splits)}
    if train_split not in apart:
        refuse([problem.text for problem in pairing.problems], f"there is no split {train_split!r} without them")
        raise InputError(f"there is no split {train_split!r}; found {', '.join(apart)}")
    descriptor = config.descriptor(classes, storage.last_name(config.image_folder))
    return descriptor, FileSource(apart, config.mask_reader(classes), config.input_channels), pairing.problems


def _write_page(config: CheckConfig, source: Source, descriptor: Descriptor, report: Report) -> None:
    from deeplab_tf2.data.checking import check_page

    path = config.output or (config.dataset_dir and storage.join(config.dataset_dir, check_page.FILE_NAME))
    if path:
        print(f"page: {check_page.write_check_page(path, source, descriptor, report, config.train_split)}")


def _print(report: Report) -> None:
    for finding in report.findings:
        print(f"{finding.severity.name.lower()}: {finding.text}")
    counts = collections.Counter(finding.severity.name.lower() for finding in report.findings)
    told = ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items()) or "nothing found"
    print(f"{told}: training {'may start' if report.may_train else 'must not start before the errors are mended'}")
