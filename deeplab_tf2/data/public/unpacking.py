"""Archives of datasets: the files that are needed, unpacked safely, and continued where it was interrupted."""

from __future__ import annotations

import fnmatch
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError, read_json, write_json

# The largest published archive holds 45 GB; no picture or mask in any of them reaches 100 MB.
SIZE_LIMIT = 1 << 38
MEMBER_LIMIT = 1 << 30
_MARKS = ".unpacked"

Member = tuple[str, int, Callable[[], IO[bytes] | None]]


def unpack(
    path: str,
    folder: str,
    patterns: Sequence[str],
    *,
    size_limit: int = SIZE_LIMIT,
    advance: Callable[[], object] = lambda: None,
) -> int:
    """Unpacks what fits the patterns; what is there already stays, and a finished archive is not opened again.

    Links and devices stay packed. A file appears under its name once it is whole.

    Args:
        path: a tar file, compressed or not, or a zip file.
        folder: where its files go, under the names that they have in it.
        patterns: names of the files that are needed, with `*` for anything; none: all.
        size_limit: bytes that they may take.
        advance: called for every file.

    Returns:
        How many files were written.

    Raises:
        InputError: the archive is damaged, names files outside `folder`, is too large, or holds nothing that fits.
    """
    # One archive may be unpacked in parts, each for other splits.
    part = zlib.crc32("\n".join(patterns).encode())
    mark = os.path.join(folder, _MARKS, f"{os.path.basename(path)}.{part:08x}.json")
    state = {"bytes": os.path.getsize(path), "modified": os.stat(path).st_mtime_ns, "patterns": list(patterns)}
    if os.path.isfile(mark) and read_json(mark, "a folder of unpacked archives") == state:
        return 0
    written = fitting = total = 0
    seen: list[str] = []
    try:
        for name, size, opened in _members(path):
            target = _target(path, folder, name)
            seen += [name] if len(seen) < 5 else []
            if not _fits(name, patterns):
                continue
            fitting, total = fitting + 1, total + size
            _check_size(path, name, size, total, size_limit)
            if not (os.path.isfile(target) and os.path.getsize(target) == size):
                _write(opened(), target)
                written += 1
            advance()
    except _DAMAGES as error:
        raise InputError(f"{path} cannot be unpacked ({_line(error)}): if it is damaged, download it again") from error
    if not fitting:
        raise InputError(f"{path} holds none of {', '.join(patterns)}; it begins with {', '.join(seen) or 'nothing'}")
    storage.make_folder(os.path.dirname(mark))
    write_json(mark, state)
    return written


_DAMAGES = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    # Encrypted zip files, and kinds of compression that are not known.
    RuntimeError,
)


def _members(path: str) -> Iterator[Member]:
    """Name, size in bytes and content of each file, but no links."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                    yield info.filename, info.file_size, lambda info=info: archive.open(info)  # type: ignore[misc]
        return
    with tarfile.open(path) as tar:
        for member in tar:
            if member.isreg():
                yield member.name, member.size, lambda member=member: tar.extractfile(member)  # type: ignore[misc]


def _target(path: str, folder: str, name: str) -> str:
    """Where a member goes.

    Raises:
        InputError: that is outside the folder.
    """
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in ("", ".")]
    if not parts or plain.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
        raise InputError(f"{path} holds {name!r}, which leads out of {folder}: this is not the published archive")
    return os.path.join(folder, *parts)


def _fits(name: str, patterns: Sequence[str]) -> bool:
    # macOS archives carry a shadow "._NAME" of each file.
    shadow = name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")
    return not shadow and (not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns))


def _check_size(path: str, name: str, size: int, total: int, limit: int) -> None:
    if size > MEMBER_LIMIT:
        raise InputError(f"{name} in {path} has {size} bytes; at most {MEMBER_LIMIT} are unpacked into one file")
    if total > limit:
        raise InputError(f"{path} unpacks to more than {limit} bytes: this is not the published archive")


def _write(source: IO[bytes] | None, target: str) -> None:
    if source is None:
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    part = f"{target}.part"
    with source, open(part, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    os.replace(part, target)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
