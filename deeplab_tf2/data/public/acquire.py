"""The archives of a public dataset: fetched where they may be, asked for where not, and unpacked into one folder."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Sequence

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.public.rows import Archive, PublicSet
from deeplab_tf2.data.public.unpacking import unpack
from deeplab_tf2.fetching import fetch


def download(row: PublicSet, splits: Sequence[str], folder: str, note: Callable[[str], object]) -> None:
    """Fetches the archives that some splits need and that are not there yet, each continued where it was cut off.

    Args:
        row: the dataset.
        splits: the splits to be made.
        folder: where archives lie.
        note: called with what the user should know.

    Raises:
        InputError: archives cannot be fetched, or only by hand; the message says all of them, and from where.
    """
    by_hand = []
    for archive in _distinct(row.needed(tuple(splits))):
        path = located(archive, folder)
        if path:
            _compare(path, archive, note)
        elif archive.address:
            note(f"fetching {archive.address}")
            check = functools.partial(_accept, archive)
            fetch(archive.address, os.path.join(folder, archive.file), check)
        else:
            by_hand.append(f"{archive.file}: from {archive.page or row.page}")
    if by_hand:
        raise InputError(_by_hand(row, folder, by_hand))


def prepare(
    row: PublicSet,
    splits: Sequence[str],
    folder: str,
    tree: str,
    note: Callable[[str], object],
    advance: Callable[[], object] = lambda: None,
) -> None:
    """Unpacks what some splits need into `tree`; what is unpacked already stays.

    Args:
        row: the dataset.
        splits: the splits to be made.
        folder: where archives lie.
        tree: folder for their files.
        note: called with what the user should know.
        advance: called for every file.

    Raises:
        InputError: archives are missing or damaged.
    """
    needed = row.needed(tuple(splits))
    missing = [
        f"{archive.file}: " + (f"{archive.address}" if archive.address else f"from {archive.page or row.page}")
        for archive in _distinct(needed)
        if not located(archive, folder)
    ]
    if missing:
        raise InputError(_by_hand(row, folder, missing))
    for archive in needed:
        path = located(archive, folder)
        target = os.path.join(tree, archive.folder) if archive.folder else tree
        storage.make_folder(target)
        if not archive.members:
            _copy(path, os.path.join(target, archive.file))
        elif count := unpack(path, target, archive.members, advance=advance):
            note(f"{path}: {count} files unpacked into {target}")


def located(archive: Archive, folder: str) -> str:
    """The path of an archive under any of its names; empty if it is not there."""
    paths = (os.path.join(folder, name) for name in (archive.file, *archive.also))
    return next((path for path in paths if os.path.isfile(path)), "")


def _distinct(archives: Sequence[Archive]) -> list[Archive]:
    return list({archive.file: archive for archive in archives}.values())


def _by_hand(row: PublicSet, folder: str, missing: Sequence[str]) -> str:
    told = "\n  ".join(missing)
    return (
        f"{row.name} needs files that are not in {folder}; put them there as they are, packed, and run again (what "
        f"is unpacked already is converted by --unpacked_dir without --archives):\n  {told}"
    )


def _accept(archive: Archive, path: str) -> None:
    """Refuses what is not the archive: a login page, or another checksum than the published one."""
    if archive.members and not zipfile.is_zipfile(path) and not tarfile.is_tarfile(path):
        raise InputError("it is no archive")
    if archive.md5 and _md5(path) != archive.md5:
        raise InputError(f"its MD5 is not {archive.md5}")


def _compare(path: str, archive: Archive, note: Callable[[str], object]) -> None:
    if archive.md5 and _md5(path) != archive.md5:
        note(f"{path} is not the published file (its MD5 is not {archive.md5}); it is used as it is")
    else:
        note(f"{path} is there")


def _md5(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _copy(path: str, target: str) -> None:
    part = f"{target}.part"
    shutil.copyfile(path, part)
    os.replace(part, target)
