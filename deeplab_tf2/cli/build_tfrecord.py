"""The command build_tfrecord: a folder of images and masks becomes TFRecords with their descriptor."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.record_flags import FileRecordFlags
from deeplab_tf2.cli.source_files import Classes, FilesConfig
from deeplab_tf2.cli.source_files import read_class_names as read_class_names
from deeplab_tf2.config import InputError, leaf
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.pairing.lists import Pairing

if TYPE_CHECKING:
    from deeplab_tf2.data.conversion.convert import Runner

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class BuildConfig(FileRecordFlags, FilesConfig):
    """What is converted, and into what."""

    output_dir: str = leaf("", "Folder for the records.")
    name: str | None = leaf(None, "Name of the dataset; unset: that of the output folder.")
    runner: str | None = leaf(
        None, "Apache Beam runner for sets that outgrow one machine: DirectRunner, DataflowRunner, ...; unset: threads."
    )
    runner_options: tuple[str, ...] = leaf((), "Its pipeline options as key=value,key=value.")
    image_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")
    label_format: str | None = leaf(None, "Accepted and without effect: the format is read from the files.")

    def __post_init__(self) -> None:
        FilesConfig.__post_init__(self)
        FileRecordFlags.__post_init__(self)
        if not self.output_dir:
            raise InputError("--output_dir is missing; see --help")
        if self.runner_options and not self.runner:
            raise InputError("--runner_options are those of a --runner: name one")

    def settings(self) -> str:
        """What the bytes of a record depend on, as far as flags say it."""
        named = (self.label_map, self.semantic_segmentation_folder)
        files = [storage.read(path) for path in named if path and storage.is_file(path)]
        digests = [hashlib.sha256(data).hexdigest() for data in files]
        return json.dumps([self.replace(**_WITHOUT_EFFECT).to_dict(), digests])


# Flags that change nothing in a record of given files.
_WITHOUT_EFFECT: dict[str, Any] = {
    field.name: field.default
    for field in dataclasses.fields(BuildConfig)
    if field.name in ("name", "num_shards", "resume", "skip_bad", "skip_limit", "runner", "runner_options")
    or field.name in ("image_format", "label_format", "validation_share", "seed")
}


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
    try:
        _convert(config, classes, pairing)
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt("the same command with --resume goes on") from interrupt


def _convert(config: BuildConfig, classes: Classes, pairing: Pairing) -> None:
    from tqdm import tqdm

    from deeplab_tf2.data.band_records import encoder
    from deeplab_tf2.data.conversion import convert, problem_report

    notes: list[str] = []
    total = convert.files_to_read(pairing.splits)
    options = convert.Options(
        config.num_shards,
        resume=config.resume,
        skip_bad=config.skip_bad,
        skip_limit=config.skip_limit,
        settings=config.settings(),
        runner=_runner(config),
    )
    with tqdm(total=total, desc="converting", unit="image", smoothing=0.1, file=sys.stderr) as bar:
        descriptor = convert.convert(
            pairing.splits,
            config.output_dir,
            config.descriptor(classes, config.name or storage.last_name(config.output_dir)),
            mask_reader=config.mask_reader(classes),
            encode_image=encoder(config.input_channels, config.verify),
            options=options,
            problems=pairing.problems,
            advance=bar.update,
            note=notes.append,
        )
    for note in notes:
        print(f"note: {note}")
    problem_report.list_left_out(pairing.left_out, config.output_dir)
    report(descriptor, config.output_dir)


def _runner(config: BuildConfig) -> Runner | None:
    if not config.runner:
        return None
    from deeplab_tf2.data.conversion.beam_runner import BeamRunner

    return BeamRunner(config.runner, config.runner_options)


def report(descriptor: Descriptor, folder: str) -> None:
    """Prints what a conversion made, and what may spoil a training on it."""
    import numpy as np

    from deeplab_tf2.data import summary
    from deeplab_tf2.data.checking import check
    from deeplab_tf2.data.checking.survey import without_union
    from deeplab_tf2.data.shard_names import shard_files

    print(summary.format_summary(descriptor))
    for split in without_union(descriptor.splits):
        counted = descriptor.splits[split]
        for finding in check.balance(np.array(counted.class_pixels), descriptor) if counted.labelled else ():
            print(f"warning: split {split}: {finding.text}")
    for split in sorted(set(shard_files(folder)) - set(descriptor.splits)):
        print(f"note: older shards of split {split} were left alone; the descriptor does not know them")
    print(f"records and descriptor: {folder}")
