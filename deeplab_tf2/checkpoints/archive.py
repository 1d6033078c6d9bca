"""The checkpoint inside a downloaded archive, unpacked safely."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Sequence

from deeplab_tf2.config import InputError

# The largest published archive unpacks to about 1 GB.
SIZE_LIMIT = 4 * 2**30
_CHECKPOINT = re.compile(r"\.(index|data-\d{5}-of-\d{5})$")


def is_archive(path: str) -> bool:
    """Whether `path` is the name of a tar file, compressed or not."""
    return path.endswith((".tar.gz", ".tgz", ".tar"))


def unpack(path: str, folder: str, size_limit: int = SIZE_LIMIT) -> str:
    """Unpacks the checkpoint of an archive, or its frozen graph where it has no checkpoint.

    Members land in `folder` under their bare names; links, folders and all other members stay packed.

    Args:
        path: a tar file.
        folder: an empty folder.
        size_limit: bytes that the archive may unpack to.

    Returns:
        `folder`.

    Raises:
        InputError: the file is damaged, too large, or holds neither.
    """
    try:
        with tarfile.open(path) as archive:
            for member in _wanted(path, _members(path, archive, size_limit)):
                source = archive.extractfile(member)
                if source is not None:
                    with open(os.path.join(folder, _bare(member)), "xb") as target:
                        shutil.copyfileobj(source, target, 1 << 20)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise InputError(
            f"{path} cannot be unpacked ({_line(error)}): it is no whole archive, so download it again"
        ) from error
    return folder


def check_archive(path: str) -> None:
    """Reads an archive to its end.

    Raises:
        InputError: it is damaged, or holds nothing that can be imported.
    """
    try:
        with tarfile.open(path) as archive:
            _wanted(path, _members(path, archive, SIZE_LIMIT))
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"{path} is no whole archive ({_line(error)})") from error


def _members(path: str, archive: tarfile.TarFile, size_limit: int) -> list[tarfile.TarInfo]:
    members, total = [], 0
    for member in archive:
        total += member.size
        if total > size_limit:
            raise InputError(f"{path} unpacks to more than {size_limit} bytes: it is no archive of the model zoo")
        if member.isfile():
            members.append(member)
    return members


def _wanted(path: str, members: Sequence[tarfile.TarInfo]) -> list[tarfile.TarInfo]:
    """The files of the first folder that has a checkpoint, else of the first that has a frozen graph."""
    # macOS archives carry a shadow "._NAME" of each file.
    members = [member for member in members if not _bare(member).startswith("._")]
    for pattern in (_CHECKPOINT, re.compile(r"\.pb$")):
        found = [member for member in members if pattern.search(member.name)]
        if found:
            first = os.path.dirname(found[0].name)
            return [member for member in found if os.path.dirname(member.name) == first]
    names = ", ".join(member.name for member in members[:8])
    raise InputError(
        f"{path} holds neither a checkpoint (.index, .data-...) nor a frozen graph (.pb): {names or 'nothing'}"
    )


def _bare(member: tarfile.TarInfo) -> str:
    return member.name.replace("\\", "/").rpartition("/")[2]


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
