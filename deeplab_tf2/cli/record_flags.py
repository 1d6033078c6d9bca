"""Flags about records to be: how many files, how their images are checked, and what may be left out."""

from __future__ import annotations

import dataclasses
from typing import Literal

from absl import flags

from deeplab_tf2.config import Config, InputError, leaf

flags.disclaim_key_flags()


@dataclasses.dataclass(frozen=True)
class RecordFlags(Config):
    """What every way to make records lets the user choose."""

    num_shards: int = leaf(4, "TFRecord files per split.")
    skip_bad: bool = leaf(False, "Leave out what cannot be used, and list it in problems.csv beside the records.")
    skip_limit: int = leaf(100, "How many examples --skip_bad may leave out.")


@dataclasses.dataclass(frozen=True)
class FileRecordFlags(RecordFlags):
    """The same where records are made of image files."""

    verify: Literal["header", "full"] = leaf(
        "header", "How images are checked: by header, end and chunk sums, or decoded in full. Masks always are."
    )
    resume: bool = leaf(False, "Go on with a conversion that was interrupted; finished shards are kept.")

    def __post_init__(self) -> None:
        if self.verify not in ("header", "full"):
            raise InputError(f"--verify={self.verify}; legal are header and full")
