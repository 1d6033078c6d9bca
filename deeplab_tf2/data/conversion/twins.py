"""Equal images under different names in splits that should share none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

_APART = ("train", "val", "test")


def digest(data: bytes) -> bytes:
    """What stands for the bytes of a file, 16 bytes."""
    return hashlib.blake2b(data, digest_size=16).digest()


class Twins:
    """Meets the images of "train", "val" and "test" one by one; other splits may overlap as they like."""

    def __init__(self) -> None:
        self._first: dict[bytes, tuple[str, str]] = {}
        self._found: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def add(self, split: str, name: str, image: bytes) -> None:
        """Meets one image.

        Args:
            split: its split.
            name: its name; a name that is in both splits is no twin of itself.
            image: digest of its file.
        """
        if split not in _APART:
            return
        first_split, first_name = self._first.setdefault(image, (split, name))
        if first_split != split and first_name != name:
            self._found.setdefault((first_split, split), []).append((first_name, name))

    def notes(self) -> Iterator[str]:
        """What was found, one line for each two splits."""
        for (first, second), pairs in self._found.items():
            count = "1 image" if len(pairs) == 1 else f"{len(pairs)} images"
            verb = "lies" if len(pairs) == 1 else "lie"
            yield (
                f"{count} of {second} {verb} in {first} too, byte by byte under another name"
                f" (first: {pairs[0][1]} = {pairs[0][0]}); scores on {second} then say too much"
            )
