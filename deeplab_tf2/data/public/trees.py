"""Folders of unpacked datasets: where they begin, and what files they hold."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.lists import Pair, Problem
from deeplab_tf2.data.public.rows import Found

# Archives wrap their folders in one or two others, or not at all.
_DEPTH = 4


def root(tree: str, *needed: str) -> str:
    """The folder in `tree` that has everything needed: `tree` itself, or the first one below it.

    Args:
        tree: folder with unpacked archives.
        needed: paths of files and folders, with forward slashes.

    Raises:
        InputError: there is none.
    """
    level = [tree]
    for _ in range(_DEPTH):
        for folder in level:
            if all(os.path.exists(os.path.join(folder, *path.split("/"))) for path in needed):
                return folder
        level = [path for folder in level for path in _subfolders(folder)]
    raise InputError(f"{tree} has no folder with {' and '.join(needed)}: is everything unpacked there?")


def _subfolders(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    with os.scandir(folder) as entries:
        return sorted(entry.path for entry in entries if entry.is_dir() and not entry.name.startswith("."))


def files(folder: str, ending: str) -> dict[str, str]:
    """The files of one folder whose names end in `ending`: name without it -> path, sorted by name."""
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return {name.removesuffix(ending): os.path.join(folder, name) for name in names if name.endswith(ending)}


def lines(path: str) -> list[str]:
    """The lines of a text file that are not empty, without blanks around them.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            return [line.strip() for line in file if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error})") from error


def paired(images: Mapping[str, str], masks: Mapping[str, str] | None) -> Found:
    """Images and masks of the same name, in the order of the names; masks None: images without masks.

    What has no counterpart is a problem.
    """
    if masks is None:
        return Found(tuple(Pair(name, path, None) for name, path in images.items()))
    pairs, problems = [], []
    for name in sorted({**images, **masks}):
        if name in images and name in masks:
            pairs.append(Pair(name, images[name], masks[name]))
        else:
            there, lacks = (images, "mask") if name in images else (masks, "image")
            problems.append(Problem(name, f"{there[name]}: has no {lacks}"))
    return Found(tuple(pairs), tuple(problems))


def listed(pairs: Iterable[Pair]) -> Found:
    """Pairs of a list; those whose files are missing, or whose names lead elsewhere, are problems."""
    good, problems = [], []
    for pair in pairs:
        if "/" in pair.name or "\\" in pair.name:
            problems.append(Problem(pair.name, f"{pair.name}: a list has it, but it leads out of the folder"))
            continue
        missing = [path for path in (pair.image, pair.mask) if path is not None and not os.path.isfile(path)]
        if missing:
            problems.append(Problem(pair.name, f"{missing[0]}: is missing"))
        else:
            good.append(pair)
    return Found(tuple(good), tuple(problems))
