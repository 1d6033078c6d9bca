"""Label maps: what the values and colours of masks mean, what is ignored, and which classes mirror each other."""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Callable

from deeplab_tf2.config import InputError
from deeplab_tf2.pictures.palettes import default_colors

Color = tuple[int, int, int]

# What a pixel of alpha 0 counts as, beside the colours 0 to 0xffffff.
TRANSPARENT = 1 << 24
MAX_ID = 65535


@dataclasses.dataclass(frozen=True)
class Entry:
    """A class, or pixels that belong to none.

    Attributes:
        name: name of the class, or of shapes that are ignored; else it may be empty for these.
        ids: values in index masks, 0..65535.
        colors: colours in colour masks as 0xrrggbb, or `TRANSPARENT`; the first is that of pictures.
        mirror: the class that takes its place in a mirrored image, or "".
    """

    name: str
    ids: tuple[int, ...] = ()
    colors: tuple[int, ...] = ()
    mirror: str = ""


@dataclasses.dataclass(frozen=True)
class LabelMap:
    """The classes of a dataset, in the order of their labels, and what is ignored.

    Attributes:
        path: the file, as messages name it.
        classes: the label of a class is its position.
        ignored: what becomes the ignore label.
        by_colors: whether masks are known by colours alone; else the classes have values too.
    """

    path: str
    classes: tuple[Entry, ...]
    ignored: tuple[Entry, ...] = ()
    by_colors: bool = False

    def __post_init__(self) -> None:
        seen: dict[str, Entry] = {}
        for entry in (*self.classes, *self.ignored):
            # Shapes are ignored by their name alone.
            if not entry.ids and not entry.colors and not (entry in self.ignored and entry.name):
                raise InputError(f"{self.path}: {entry.name!r} has no id and no color, while other classes have ids")
            for value in (*(f"id {value}" for value in entry.ids), *map(color_text, entry.colors)):
                if value in seen:
                    raise InputError(f"{self.path}: {value} stands for {_called(seen[value])} and {_called(entry)}")
                seen[value] = entry
        twice = [name for name, count in collections.Counter(self.class_names).items() if count > 1]
        if twice:
            raise InputError(f"{self.path}: two classes are called {twice[0]!r}; give all its ids to one entry")
        self._check_mirrors()

    def _check_mirrors(self) -> None:
        for entry in self.classes:
            if entry.mirror and (entry.mirror not in self.class_names or entry.mirror == entry.name):
                raise InputError(f"{self.path}: {entry.name!r} mirrors {entry.mirror!r}, which is no other class")
        swapped = collections.Counter(name for pair in self.mirror_pairs for name in pair)
        for name, count in swapped.items():
            if count > 1:
                raise InputError(f"{self.path}: {name!r} is mirrored to more than one class")

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return tuple(entry.name for entry in self.classes)

    @property
    def colors(self) -> tuple[Color, ...] | None:
        """The first colour of each class, or a default one; None where no class has any."""
        shown = [next((color for color in entry.colors if color != TRANSPARENT), None) for entry in self.classes]
        if not any(color is not None for color in shown):
            return None
        defaults = default_colors(len(shown))
        return tuple(free if color is None else unpacked(color) for color, free in zip(shown, defaults, strict=True))

    @property
    def has_colors(self) -> bool:
        """Whether colour masks can be read."""
        return any(color != TRANSPARENT for entry in (*self.classes, *self.ignored) for color in entry.colors)

    @property
    def mirror_pairs(self) -> tuple[tuple[str, str], ...]:
        """Classes that swap in a mirrored image, each pair once."""
        pairs = {(min(entry.name, entry.mirror), max(entry.name, entry.mirror)) for entry in self.classes}
        return tuple(sorted(pair for pair in pairs if pair[0]))

    def labels_of_ids(self, ignore_label: int) -> dict[int, int]:
        """Mask value -> label; the ignore label stands for itself unless it is the value of a class.

        Raises:
            InputError: the ignore label would hide a class that has other values.
        """
        self._check_ignore_label(ignore_label)
        labels = self._labels(lambda entry: entry.ids, ignore_label)
        return labels if ignore_label in labels else {**labels, ignore_label: ignore_label}

    def labels_of_colors(self, ignore_label: int) -> dict[int, int]:
        """Colour, 0xrrggbb or `TRANSPARENT` -> label; transparent pixels are ignored unless an entry has them.

        Raises:
            InputError: the ignore label would hide a class that has other values.
        """
        self._check_ignore_label(ignore_label)
        return {TRANSPARENT: ignore_label, **self._labels(lambda entry: entry.colors, ignore_label)}

    def _labels(self, values: Callable[[Entry], tuple[int, ...]], ignore_label: int) -> dict[int, int]:
        labels = {value: label for label, entry in enumerate(self.classes) for value in values(entry)}
        return {**labels, **{value: ignore_label for entry in self.ignored for value in values(entry)}}

    def _check_ignore_label(self, ignore_label: int) -> None:
        if ignore_label < len(self.classes):
            hidden = self.classes[ignore_label]
            if hidden.ids and ignore_label not in hidden.ids:
                raise InputError(
                    f"ignore_label {ignore_label} would be the label of {hidden.name!r} in {self.path}: give a value "
                    f'from {len(self.classes)} to 255, and mark values without a class by "ignore" in the file'
                )


def unpacked(color: int) -> Color:
    """The colour 0xrrggbb as (red, green, blue)."""
    return color >> 16 & 255, color >> 8 & 255, color & 255


def color_text(color: int) -> str:
    """A colour as people write it: "#ff8000 (255, 128, 0)"."""
    return "transparent" if color == TRANSPARENT else f"#{color:06x} {unpacked(color)}"


def _called(entry: Entry) -> str:
    return repr(entry.name) if entry.name else "an ignored entry"
