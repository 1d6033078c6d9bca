"""The command download_and_convert: a public dataset, from the archives of its authors to TFRecords."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import sys
from typing import TYPE_CHECKING, Literal

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.record_flags import FileRecordFlags
from deeplab_tf2.config import InputError, leaf

if TYPE_CHECKING:
    from deeplab_tf2.data.public.rows import PublicSet

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class PublicConfig(FileRecordFlags):
    """Which public dataset is made, from what, into what."""

    dataset: str = leaf("", "Name of the dataset: pascal_voc_seg, cityscapes, ade20k, camvid, ... (g3doc/datasets.md).")
    archives: str = leaf("", "Folder of its archives as downloaded; what needs no login is downloaded to it.")
    unpacked_dir: str = leaf(
        "",
        "Folder for the unpacked archives; unset: unpacked in --archives. Given alone, it is used as it is.",
    )
    output_dir: str = leaf("", "Folder for the records.")
    splits: tuple[str, ...] = leaf((), "Splits to make; unset: the usual ones.")
    step: Literal["all", "download", "convert"] = leaf("all", "What to do: download, convert, or both.")
    resume: bool = leaf(True, "Go on with a conversion that was interrupted; finished shards are kept.")

    def __post_init__(self) -> None:
        if not self.dataset:
            raise InputError("--dataset is missing; see --help")
        super().__post_init__()
        if self.step not in ("all", "download", "convert"):
            raise InputError(f"--step={self.step}; legal are all, download, convert")
        if not self.archives and (self.step == "download" or not self.unpacked_dir):
            raise InputError("--archives is missing: the folder of the archives, or for them")
        if not self.output_dir and self.step != "download":
            raise InputError("--output_dir is missing: the folder for the records")


def main() -> None:
    """Runs the command line."""
    binding.run(command, PublicConfig)


def command(given: binding.Given) -> None:
    """Downloads and converts as the flags say; what was done by an earlier call is not done again."""
    config = PublicConfig(**given[PublicConfig])
    from deeplab_tf2.data.public.acquire import download
    from deeplab_tf2.data.public.sets import chosen_splits, find_set

    row = find_set(config.dataset)
    splits = chosen_splits(row, config.splits)
    print(f"{row.name}: {row.note or row.page}\nterms: {row.terms}; see {row.page}")
    if config.archives and config.step != "convert":
        download(row, splits, config.archives, _note)
    if config.step != "download":
        _convert(config, row, splits, _unpacked(config, row, splits))


def _unpacked(config: PublicConfig, row: PublicSet, splits: tuple[str, ...]) -> str:
    """The folder with what the archives hold."""
    if not config.archives:
        return config.unpacked_dir
    from tqdm import tqdm

    from deeplab_tf2.data.public.acquire import prepare

    tree = os.path.join(config.unpacked_dir or os.path.join(config.archives, "unpacked"), row.tree or row.name)
    with tqdm(desc="unpacking", unit="file", file=sys.stderr) as bar:
        prepare(row, splits, config.archives, tree, _note, bar.update)
    return tree


def _convert(config: PublicConfig, row: PublicSet, splits: tuple[str, ...], tree: str) -> None:
    from tqdm import tqdm

    from deeplab_tf2.cli.build_tfrecord import report
    from deeplab_tf2.data.conversion import convert
    from deeplab_tf2.data.files import images
    from deeplab_tf2.data.public.gather import gather

    pairing, table = gather(row, tree, splits), row.table(tree)
    for text in pairing.notes:
        print(text)
    options = convert.Options(
        config.num_shards,
        resume=config.resume,
        skip_bad=config.skip_bad,
        skip_limit=config.skip_limit,
        settings=json.dumps([row.name, config.verify, table.values, table.masked_colors, table.ignored]),
    )
    notes: list[str] = []
    total = convert.files_to_read(pairing.splits)
    with tqdm(total=total, desc="converting", unit="image", smoothing=0.1, file=sys.stderr) as bar:
        descriptor = convert.convert(
            pairing.splits,
            config.output_dir,
            table.descriptor(row.name),
            mask_reader=row.masks(table.reader(row.name)),
            encode_image=functools.partial(images.encode, verify=config.verify),
            options=options,
            problems=pairing.problems,
            advance=bar.update,
            note=notes.append,
        )
    for text in notes:
        _note(text)
    report(descriptor, config.output_dir)


def _note(text: str) -> None:
    print(f"note: {text}")
