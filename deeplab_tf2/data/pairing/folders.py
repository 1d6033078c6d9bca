"""The image files below a folder, found by name; nothing outside the folder is ever named."""

from __future__ import annotations

import collections
import contextlib
import functools
import os
import posixpath
from collections.abc import Iterator, Mapping
from typing import Protocol

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp")

# Folders that unpackers and editors leave behind, beside those that begin with a dot.
_JUNK_FOLDERS = ("__MACOSX",)
# Of a listed path, no more folders than these count: a line may be long.
_DEEPEST = 64


class MaskFiles(Protocol):
    """Masks by the names of their images: the files of a folder, or the entries of one file.

    Attributes:
        path: the folder or file, for messages.
        root: the same without links; "" where no image can lie in it.
        nameless: names that are no text.
    """

    path: str
    root: str
    nameless: list[str]

    def masks(self, stem: str) -> list[str]:
        """Those that can be the mask of the image called `stem`."""

    def stems(self) -> Mapping[str, list[str]]:
        """Stem -> its masks."""

    def stem(self, file: str) -> str:
        """The name of the image of a mask."""

    def full(self, file: str) -> str:
        """What a `MaskSource` knows a mask by."""

    def is_same(self, file: str, path: str) -> bool:
        """Whether a mask is the image at `path`."""

    def expected(self, stem: str) -> str:
        """What one looks for as the mask of the image called `stem`."""

    def find_mask(self, name: str, where: str) -> str | None:
        """The mask that a list means by `name`; None if there is none."""

    def hint(self, name: str) -> str:
        """What may be meant by a name that was not found."""

    def notes(self) -> Iterator[str]:
        """What was done to make names fit, and what was passed over."""


class Folder:
    """The files of one folder and its subfolders, on any file system; links matter on that of this machine only.

    Names are relative to the folder, with forward slashes; stems are names without suffix and extension.

    Args:
        role: the flag that gave the folder, for messages.
        path: the folder.
        suffix: what the names of its files end in before the extension; others are passed over.
        other_suffix: what names end in that belong to the other role, where both share a folder; else None. Of two
            suffixes that fit, the longer decides.
        extensions: what its files end in; others are passed over.

    Raises:
        InputError: there is no such folder.
    """

    def __init__(
        self,
        role: str,
        path: str,
        suffix: str = "",
        other_suffix: str | None = None,
        extensions: tuple[str, ...] = EXTENSIONS,
    ) -> None:
        if not storage.is_folder(path):
            raise InputError(f"{role} {path} is no folder")
        self.path = path
        self.root = real_path(path)
        self._role = role
        self._extensions = extensions
        self.suffix = suffix
        self.nameless: list[str] = []
        self._stems: dict[str, list[str]] = {}
        self._outside: list[str] = []
        self._prefixes: dict[tuple[str, str], int] = collections.Counter()
        self._renamed: dict[str, list[str]] = {}
        self._strangers: list[str] = []
        for file in sorted(self._walk()):
            bare = posixpath.splitext(file)[0]
            theirs = other_suffix is not None and bare.endswith(other_suffix)
            if bare.endswith(suffix) and not (theirs and len(other_suffix or "") > len(suffix)):
                self._stems.setdefault(self.stem(file), []).append(file)
            elif not theirs:
                self._strangers.append(file)
        self._files = {file for files in self._stems.values() for file in files}

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, files in storage.walk(self.root):
            subfolders[:] = [name for name in subfolders if not name.startswith(".") and name not in _JUNK_FOLDERS]
            below = folder[len(self.root) :].replace(os.sep, "/").strip("/")
            for name in subfolders:
                self._leads_out(folder, below, name)
            for name in files:
                if name.lower().endswith(self._extensions) and not name.startswith("."):
                    if not _is_text(below + name):
                        self.nameless.append(posixpath.join(below, name).encode("utf-8", "replace").decode())
                    elif not self._leads_out(folder, below, name):
                        yield posixpath.join(below, name)

    def _leads_out(self, folder: str, below: str, name: str) -> bool:
        path = os.path.join(folder, name)
        if storage.is_remote(path) or not os.path.islink(path) or self._inside(os.path.realpath(path)):
            return False
        self._outside.append(posixpath.join(below, name))
        return True

    def _inside(self, path: str) -> bool:
        return lies_in(path, self.root)

    def stem(self, file: str) -> str:
        """The name of a file without suffix and extension."""
        return posixpath.splitext(file)[0].removesuffix(self.suffix)

    def full(self, file: str) -> str:
        """The path of a file, below the folder as the user gave it."""
        return storage.join(self.path, *file.split("/"))

    def is_same(self, file: str, path: str) -> bool:
        """Whether a file of this folder is the one at `path`."""
        full = self.full(file)
        # A link may lead nowhere: then it is told where it is read.
        with contextlib.suppress(OSError):
            return full == path or (not storage.is_remote(full) and os.path.samefile(full, path))
        return False

    def expected(self, stem: str) -> str:
        """The file that one looks for as the mask of the image called `stem`."""
        extension = ".png" if ".png" in self._extensions else self._extensions[0]
        return f"{stem}{self.suffix}{extension}"

    def stems(self, besides: MaskFiles | None = None) -> dict[str, list[str]]:
        """Stem -> its files, without those that are masks of the same folder."""
        return {stem: self._images(stem, besides) for stem in self._stems}

    def masks(self, stem: str) -> list[str]:
        """The files that can be the mask of the image called `stem`: the PNG, if there is one.

        Where no mask lies in a subfolder, an image in one has the mask of its last name.
        """
        files = self._stems.get(stem, []) or (self._stems.get(posixpath.basename(stem), []) if self._flat else [])
        return _png_first(files)

    def namesakes(self, stem: str) -> list[str]:
        """All stems that end in the same last name as `stem`."""
        return self._by_last_name[posixpath.basename(stem)]

    @functools.cached_property
    def _by_last_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for stem in self._stems:
            found.setdefault(posixpath.basename(stem), []).append(stem)
        return found

    @functools.cached_property
    def _flat(self) -> bool:
        return not any("/" in stem for stem in self._stems)

    def _images(self, stem: str, masks: MaskFiles | None) -> list[str]:
        files = self._stems[stem]
        if masks is None or masks.root != self.root:
            return files
        # Image and mask side by side: photo.jpg with photo.png.
        return [file for file in files if file not in masks.masks(stem)] or files

    def find_image(self, name: str, where: str, masks: MaskFiles | None, drop_prefix: bool = True) -> str | None:
        """The image that a list means by `name`; None if there is none.

        Args:
            name: file or name without extension, perhaps behind folders that do not exist.
            where: the list and line, "train.txt:3".
            masks: the folder of the masks, whose files are no images where it is this folder.
            drop_prefix: whether leading folders may be dropped until the rest exists.

        Raises:
            InputError: several files have the name, or it leads out of the folder.
        """
        for candidate, prefix in self._candidates(name):
            if prefix.strip("/") and not drop_prefix:
                break
            found = self._called(candidate, masks)
            if len(found) > 1:
                raise InputError(f"{name} can be {' or '.join(found)} in {self.path}; write the extension")
            if found:
                self._remember(where, candidate, prefix, found[0])
                return found[0]
        return None

    def _called(self, name: str, masks: MaskFiles | None) -> list[str]:
        """The files of a name: the very file, or by a name without extension, or with another one."""
        if name in self._files:
            return [name]
        bare = posixpath.splitext(name)[0] if name.lower().endswith(EXTENSIONS) else name
        for stem in (name, name.removesuffix(self.suffix), bare, bare.removesuffix(self.suffix)):
            if stem in self._stems:
                return self._images(stem, masks)
        return []

    def find_mask(self, name: str, where: str) -> str | None:
        """The mask that a list means by `name`; None if there is none.

        Raises:
            InputError: the name leads out of the folder.
        """
        for candidate, prefix in self._candidates(name):
            found = _png_first(self._called(candidate, None))
            if found:
                self._remember(where, candidate, prefix, found[0])
                return found[0]
        return None

    def _candidates(self, name: str) -> Iterator[tuple[str, str]]:
        """Readings of a listed name as (file, dropped prefix), the longest first."""
        name = name.replace("\\", "/")
        absolute = name.startswith("/") or storage.is_remote(name)
        folder = _real_folder(posixpath.dirname(name)) if absolute else ""
        if folder and self._inside(folder):
            name = posixpath.join(folder[len(self.root) :].replace(os.sep, "/"), posixpath.basename(name)).strip("/")
        parts = [part for part in name.split("/") if part != "."]
        if ".." in parts:
            raise InputError(f"{name} leads out of {self._role} {self.path}; write names inside the folder")
        first = max(1 if name.startswith("/") else 0, len(parts) - _DEEPEST)
        for start in range(first, len(parts)):
            yield "/".join(parts[start:]), "/".join(parts[:start])

    def _remember(self, where: str, name: str, prefix: str, found: str) -> None:
        file = os.path.basename(where).rpartition(":")[0]
        if prefix:
            self._prefixes[file, prefix] += 1
        if name.lower().endswith(EXTENSIONS) and name != found:
            self._renamed.setdefault(file, []).append(f"{name} is {found}")

    def hint(self, name: str) -> str:
        """What may be meant by a name that was not found."""
        base = _base(name)
        if base in self._outside_by_base:
            return f" ({self._outside_by_base[base]} is a link that leads out of the folder)"
        return f" (there is {self._by_base[base]}: write that)" if base in self._by_base else ""

    @functools.cached_property
    def _by_base(self) -> dict[str, str]:
        return {_base(file): file for file in sorted(self._files, reverse=True)}

    @functools.cached_property
    def _outside_by_base(self) -> dict[str, str]:
        return {_base(file): file for file in self._outside}

    def notes(self) -> Iterator[str]:
        """What was done to make listed names fit, and what was passed over."""
        for (file, prefix), count in self._prefixes.items():
            lines = "1 line" if count == 1 else f"{count} lines"
            yield f"{lines} in {file}: dropped the prefix {prefix}, which does not exist in {self.path}"
        for file, names in self._renamed.items():
            lines = "1 line" if len(names) == 1 else f"{len(names)} lines"
            yield f"{lines} in {file}: the extension is another in {self.path} (first: {names[0]})"
        if self._strangers:
            yield (
                f"{self._role}: {len(self._strangers)} files whose names do not end in {self.suffix} were passed over"
                f" (first: {self._strangers[0]})"
            )
        if self._outside:
            yield (
                f"{self._role}: {len(self._outside)} links lead out of {self.path} and were passed over"
                f" (first: {self._outside[0]})"
            )


def real_path(path: str) -> str:
    """A path without links, on this machine; a path of another file system as it is."""
    return path.rstrip("/") if storage.is_remote(path) else os.path.realpath(path)


# Lists of many lines name few folders.
_real_folder = functools.lru_cache(1024)(real_path)


def lies_in(path: str, folder: str) -> bool:
    """Whether a real path is a real folder, or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/" + os.sep) + ("/" if "://" in folder else os.sep))


def _is_text(name: str) -> bool:
    """Whether a name can be written in UTF-8; others come from bytes in another encoding."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _png_first(files: list[str]) -> list[str]:
    return [file for file in files if file.lower().endswith(".png")] or files


def _base(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]
