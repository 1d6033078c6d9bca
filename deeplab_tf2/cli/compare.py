"""The command compare: evaluations side by side, from their JSON files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Sequence

from absl import flags

from deeplab_tf2 import storage
from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, InputError, leaf
from deeplab_tf2.evaluation.compared import Compared, read_scores
from deeplab_tf2.evaluation.comparison import Row, cautions, class_rows, differing_facts, score_rows
from deeplab_tf2.evaluation.wording import change, score, worded

flags.disclaim_key_flags()

_ENDING = "_scores.json"


@dataclasses.dataclass(frozen=True)
class CompareConfig(Config):
    """What is compared, and where the page goes."""

    evaluations: tuple[str, ...] = leaf(
        (),
        "Two evaluations or more: <split>_scores.json files, their folders, or folders of runs; the first is what the "
        "others are measured by.",
    )
    names: tuple[str, ...] = leaf((), "What they are called; unset: what their paths do not have in common.")
    output: str | None = leaf(None, "The page to write, an .html file; unset: comparison.html beside the last file.")

    def __post_init__(self) -> None:
        if len(self.evaluations) < 2:
            raise InputError(f"evaluations is {self.evaluations}; give two or more: --evaluations=A,B")
        if self.names and len(self.names) != len(self.evaluations):
            raise InputError(f"there are {len(self.evaluations)} evaluations, but {len(self.names)} names")
        if len(set(self.names)) != len(self.names):
            raise InputError(f"names is {self.names}; they must differ")


def main() -> None:
    """Runs the command line."""
    binding.run(command, CompareConfig)


def command(given: binding.Given) -> None:
    """Prints the scores beside each other and writes the page."""
    from deeplab_tf2.evaluation.comparison_page import save_comparison

    config = CompareConfig(**given[CompareConfig])
    paths = [scores_file(path) for path in config.evaluations]
    compared = [read_scores(path, name) for path, name in zip(paths, config.names or told_apart(paths), strict=True)]
    for line in report(compared):
        print(line)
    output = config.output or storage.join(storage.split(paths[-1])[0], "comparison.html")
    try:
        print(f"page: {save_comparison(compared, output)}")
    except InputError as error:
        raise InputError(f"{error}: say --output=FILE.html") from error


def scores_file(path: str) -> str:
    """The JSON file of an evaluation, by its own path, its folder's or its run's.

    Raises:
        InputError: there is none, or more than one.
    """
    if not storage.is_folder(path):
        return path
    for folder in (path, storage.join(path, "eval")):
        found = [name for name in storage.names(folder) if name.endswith(_ENDING)]
        if len(found) > 1:
            raise InputError(f"{folder} holds several evaluations: name one, {', '.join(found)}")
        if found:
            return storage.join(folder, found[0])
    raise InputError(f"{path} holds no evaluation (*{_ENDING}): run eval.py first, or name the file")


def told_apart(paths: Sequence[str]) -> list[str]:
    """What file paths do not have in common: the shortest names for them, numbered where they are the same."""
    parts = [storage.absolute(path).removesuffix(_ENDING).replace(os.sep, "/").split("/") for path in paths]
    start, end = (len(os.path.commonprefix(lists)) for lists in (parts, [names[::-1] for names in parts]))
    names = ["/".join(part[start : len(part) - end]) or part[-1] for part in parts]
    return [name if names.count(name) == 1 else f"{number}: {name}" for number, name in enumerate(names, start=1)]


def report(compared: Sequence[Compared]) -> Iterator[str]:
    """The lines of the tables: scores and IoU by class, with their changes, and what else differs."""
    count = len(compared)
    heads = ["change"] if count == 2 else [f"{number} - 1" for number in range(2, count + 1)]
    yield from _aligned(
        [
            ("", *(entry.name for entry in compared), *heads),
            *map(_cells, score_rows(compared)),
            *(_cells(dataclasses.replace(row, name=f"IoU {row.name}")) for row in class_rows(compared)),
        ]
    )
    for name, values in differing_facts(compared).items():
        told = ("-" if value is None else worded(value) for value in values)
        yield f"{name.replace('_', ' ')}: " + " | ".join(told)
    yield from (f"caution: {caution}" for caution in cautions(compared))


def _cells(row: Row) -> tuple[str, ...]:
    return row.name, *map(score, row.values), *map(change, row.changes)


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells])
    yield ""
