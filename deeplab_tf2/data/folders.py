"""The image files below a folder, found by name; nothing outside the folder is ever named."""

from __future__ import annotations

import collections
import functools
import os
import posixpath
from collections.abc import Iterator

from deeplab_tf2.config import InputError

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".pgm", ".ppm", ".tif", ".tiff", ".webp")


class Folder:
    """The files of one folder and its subfolders.

    Names are relative to the folder, with forward slashes; stems are names without suffix and extension.

    Args:
        role: the flag that gave the folder, for messages.
        path: the folder.
        suffix: what the names of its files end in before the extension; others are passed over.
        other_suffix: what names end in that belong to the other role, where both share a folder. Of two suffixes
            that fit, the longer decides.

    Raises:
        InputError: there is no such folder.
    """

    def __init__(self, role: str, path: str, suffix: str = "", other_suffix: str = "") -> None:
        if not os.path.isdir(path):
            raise InputError(f"{role} {path} is no folder")
        self.path = path
        self._root = os.path.realpath(path)
        self._role = role
        self.suffix = suffix
        self._stems: dict[str, list[str]] = {}
        self._outside: list[str] = []
        self._prefixes: dict[tuple[str, str], int] = collections.Counter()
        self._strangers: list[str] = []
        for file in sorted(self._walk()):
            bare = posixpath.splitext(file)[0]
            theirs = bool(other_suffix) and bare.endswith(other_suffix)
            if bare.endswith(suffix) and not (theirs and len(other_suffix) > len(suffix)):
                self._stems.setdefault(self.stem(file), []).append(file)
            elif not theirs:
                self._strangers.append(file)
        self._files = {file for files in self._stems.values() for file in files}

    def _walk(self) -> Iterator[str]:
        for folder, subfolders, files in os.walk(self._root):
            subfolders[:] = [name for name in subfolders if not name.startswith(".")]
            images = [name for name in files if name.lower().endswith(EXTENSIONS) and not name.startswith(".")]
            for name in (*subfolders, *images):
                path = os.path.join(folder, name)
                relative = os.path.relpath(path, self._root).replace(os.sep, "/")
                if os.path.islink(path) and not self._inside(os.path.realpath(path)):
                    self._outside.append(relative)
                elif name in images:
                    yield relative

    def _inside(self, path: str) -> bool:
        return os.path.commonpath([self._root, path]) == self._root

    def stem(self, file: str) -> str:
        """The name of a file without suffix and extension."""
        return posixpath.splitext(file)[0].removesuffix(self.suffix)

    def full(self, file: str) -> str:
        """The path of a file, below the folder as the user gave it."""
        return os.path.join(self.path, *file.split("/"))

    def stems(self, besides: Folder | None = None) -> dict[str, list[str]]:
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

    def _images(self, stem: str, masks: Folder | None) -> list[str]:
        files = self._stems[stem]
        if masks is None or masks._root != self._root:
            return files
        # Image and mask side by side: photo.jpg with photo.png.
        return [file for file in files if file not in self.masks(stem)] or files

    def find_image(self, name: str, where: str, masks: Folder | None, drop_prefix: bool = True) -> str | None:
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
            stem = candidate if candidate in self._stems else candidate.removesuffix(self.suffix)
            if candidate in self._files:
                found = [candidate]
            elif stem in self._stems:
                found = self._images(stem, masks)
            else:
                continue
            if len(found) > 1:
                raise InputError(f"{name} can be {' or '.join(found)} in {self.path}; write the extension")
            self._remember(where, prefix)
            return found[0]
        return None

    def find_mask(self, name: str, where: str) -> str | None:
        """The mask that a list means by `name`; None if there is none.

        Raises:
            InputError: the name leads out of the folder.
        """
        for candidate, prefix in self._candidates(name):
            stems = (candidate, candidate.removesuffix(self.suffix))
            found = next((self._stems[stem] for stem in stems if stem in self._stems), [])
            found = [candidate] if candidate in self._files else _png_first(found)
            if found:
                self._remember(where, prefix)
                return found[0]
        return None

    def _candidates(self, name: str) -> Iterator[tuple[str, str]]:
        """Readings of a listed name as (file, dropped prefix), the longest first."""
        name = name.replace("\\", "/")
        if os.path.isabs(name) and self._inside(os.path.realpath(name)):
            name = os.path.relpath(os.path.realpath(name), self._root).replace(os.sep, "/")
        parts = [part for part in name.split("/") if part != "."]
        if ".." in parts:
            raise InputError(f"{name} leads out of {self._role} {self.path}; write names inside the folder")
        for start in range(1 if name.startswith("/") else 0, len(parts)):
            yield "/".join(parts[start:]), "/".join(parts[:start])

    def _remember(self, where: str, prefix: str) -> None:
        if prefix:
            self._prefixes[where.split(":")[0], prefix] += 1

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


def _png_first(files: list[str]) -> list[str]:
    return [file for file in files if file.lower().endswith(".png")] or files


def _base(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]
