"""Files on this machine, and on every file system that TensorFlow knows: gs://, s3://, hdfs://, ram://.

Local files go through the operating system: it is faster, and it says why something failed.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from typing import Any

from deeplab_tf2.settings import InputError

_LEFTOVER = re.compile(r"\..+\.\d+\.tmp$")


def is_remote(path: str) -> bool:
    """Whether a path names another file system than that of this machine."""
    return "://" in os.fspath(path)


def join(folder: str, *names: str) -> str:
    """The path of something in a folder."""
    return "/".join((folder.rstrip("/"), *names)) if is_remote(folder) else os.path.join(folder, *names)


def absolute(path: str) -> str:
    """A path that means the same from every folder."""
    return path if is_remote(path) else os.path.abspath(path)


def last_name(path: str) -> str:
    """The name of a file or folder, "." included."""
    return split(absolute(path).rstrip("/"))[1]


def split(path: str) -> tuple[str, str]:
    """The folder of a path, and the name in it."""
    folder, name = path.rsplit("/", 1) if is_remote(path) else os.path.split(path)
    return folder or ".", name


def read(path: str) -> bytes:
    """The bytes of a file.

    Raises:
        InputError: it cannot be read; the message names it.
    """
    with explained(path, "read"):
        if is_remote(path):
            with _gfile().GFile(path, "rb") as file:
                return file.read()
        with open(path, "rb") as file:
            return file.read()


def read_text(path: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 that says so.

    Raises:
        InputError: it cannot be read, or is no text; the message names it.
    """
    data = read(path)
    try:
        return data.decode("utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text ({error}): save it as UTF-8") from error


def read_part(path: str, offset: int, length: int) -> bytes:
    """Some bytes of a file; fewer where it ends."""
    with explained(path, "read"), opened(path) as file:
        file.seek(offset)
        return file.read(length)


def _created(path: str) -> Any:
    return _gfile().GFile(path, "wb") if is_remote(path) else open(path, "wb")


def opened(path: str) -> Any:
    """A file to `seek` and `read` bytes in."""
    return _gfile().GFile(path, "rb") if is_remote(path) else open(path, "rb", buffering=0)


def write_whole(path: str, data: bytes) -> str:
    """Writes a file so that it is whole at every moment, through a loss of power too; returns `path`."""
    with whole_file(path) as temporary, _created(temporary) as file:
        file.write(data)
        if not is_remote(path):
            file.flush()
            os.fsync(file.fileno())
    return path


@contextlib.contextmanager
def whole_file(path: str) -> Iterator[str]:
    """A name to write a file under, piece by piece; it becomes `path` when all went well, and goes otherwise."""
    folder, name = split(path)
    temporary = join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        with explained(path, "written"):
            yield temporary
        rename(temporary, path)
    except BaseException:
        with contextlib.suppress(InputError):
            remove(temporary)
        raise


def remove_leftovers(folder: str) -> None:
    """Removes what `whole_file` leaves in a folder when its process is killed."""
    for name in names(folder):
        if _LEFTOVER.match(name):
            remove(join(folder, name))


def names(folder: str) -> list[str]:
    """The sorted names of what a folder holds; none where there is no such folder."""
    if not is_remote(folder):
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    with explained(folder, "listed"):
        return sorted(name.rstrip("/") for name in _gfile().listdir(folder)) if is_folder(folder) else []


def walk(folder: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Every folder below, its subfolders and its files, as `os.walk` gives them."""
    with explained(folder, "listed"):
        yield from _gfile().walk(folder) if is_remote(folder) else os.walk(folder)


def is_folder(path: str) -> bool:
    """Whether there is a folder of this path."""
    if not is_remote(path):
        return os.path.isdir(path)
    # isdir alone takes a file system that does not exist for a missing folder.
    with explained(path, "reached"):
        return _gfile().exists(path) and _gfile().isdir(path)


def is_file(path: str) -> bool:
    """Whether there is a file of this path."""
    if not is_remote(path):
        return os.path.isfile(path)
    with explained(path, "reached"):
        return _gfile().exists(path) and not _gfile().isdir(path)


def size(path: str) -> int:
    """The length of a file in bytes."""
    with explained(path, "read"):
        return _gfile().stat(path).length if is_remote(path) else os.path.getsize(path)


def make_folder(path: str) -> None:
    """Makes a folder and those above it; it may be there already."""
    with explained(path, "made"):
        if is_remote(path):
            _gfile().makedirs(path)
        else:
            os.makedirs(path, exist_ok=True)


def remove(path: str) -> None:
    """Deletes a file, if there is one."""
    with explained(path, "removed"), contextlib.suppress(FileNotFoundError):
        if not is_remote(path):
            os.remove(path)
        elif is_file(path):
            _gfile().remove(path)


def remove_folder(path: str) -> None:
    """Deletes a folder with all it holds, if there is one."""
    if not is_remote(path):
        shutil.rmtree(path, ignore_errors=True)
    elif is_folder(path):
        with explained(path, "removed"):
            _gfile().rmtree(path)


def rename(old: str, new: str) -> None:
    """Moves a file, in place of another if there is one."""
    with explained(new, "written"):
        if is_remote(new):
            _gfile().rename(old, new, overwrite=True)
        else:
            os.replace(old, new)


@contextlib.contextmanager
def explained(path: str, verb: str) -> Iterator[None]:
    """Turns what a file system raises into words: "<path>: cannot be <verb> (<why>)"."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{os.fspath(path)}: cannot be {verb} ({error.strerror or error})") from error
    # TensorFlow's own errors, without loading TensorFlow to name them.
    except Exception as error:
        if not hasattr(error, "error_code"):
            raise
        why = str(getattr(error, "message", "")) or type(error).__name__.removesuffix("Error")
        hint = "; is the disk full?" if verb == "written" else ""
        raise InputError(f"{os.fspath(path)}: cannot be {verb} ({why.splitlines()[0]}){hint}") from error


def _gfile() -> Any:
    import tensorflow as tf

    return tf.io.gfile
