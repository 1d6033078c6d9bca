"""What pairing finds: examples by split, notes, and what does not pair."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from deeplab_tf2.config import InputError

SHOWN_PROBLEMS = 20


@dataclasses.dataclass(frozen=True)
class Pair:
    """One example to be.

    Attributes:
        name: path below the image folder, with forward slashes, without suffix and extension.
        image: path of the image file.
        mask: what a `MaskSource` knows the mask by, most often the path of its file; None without one.
    """

    name: str
    image: str
    mask: str | None


@dataclasses.dataclass(frozen=True)
class Problem:
    """Something that cannot be converted.

    Attributes:
        name: the example, or the list and its line.
        text: what is wrong with it and how to mend it; it names the file.
    """

    name: str
    text: str


@dataclasses.dataclass(frozen=True)
class Pairing:
    """All splits of a dataset, in writing order, and what the user should know about how they came about.

    Attributes:
        splits: split name -> its pairs.
        notes: what was done to make names fit, and what was passed over.
        problems: what does not pair; it is in no split.
        left_out: sound files that no split uses, which the notes count: masks without an image, unlisted images.
    """

    splits: Mapping[str, tuple[Pair, ...]]
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()


def refuse(problems: Sequence[str], verdict: str) -> None:
    """Raises one error that lists the problems, or the first 20 of many; no problems, no error."""
    if not problems:
        return
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        shown.append(f"... and {len(problems) - SHOWN_PROBLEMS} more")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise InputError("\n  ".join([f"{count} ({verdict}):", *shown]))
