"""What the toolbox knows of a public dataset: its archives, classes, splits and how they are found."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from deeplab_tf2 import storage
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.files.label_map import Entry, LabelMap
from deeplab_tf2.data.files.masks import MaskReader, MaskSource
from deeplab_tf2.data.pairing.lists import Pair, Problem

Color = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Archive:
    """A file that the authors offer.

    Attributes:
        file: its name.
        address: where it can be fetched without login; "" where a person has to.
        md5: its published checksum, or "".
        members: names of what is needed of it, with `*` for anything; none: it is no archive but a file.
        splits: the splits it is needed for; none: all.
        folder: folder for its files, where they would mix with those of another archive.
        also: other names that it has.
        page: where a person fetches it, where that is not the page of the dataset.
    """

    file: str
    address: str = ""
    md5: str = ""
    members: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    folder: str = ""
    also: tuple[str, ...] = ()
    page: str = ""


@dataclasses.dataclass(frozen=True)
class ClassTable:
    """The classes, and what stands for them in masks.

    Attributes:
        names: one per class.
        colors: one per class.
        values: mask values of each class; none: the class has the value of its place.
        masked_colors: colours of each class in colour masks, as 0xrrggbb; none: masks hold values.
        ignored: mask values that become the ignore label.
        ignored_colors: colours that do, as 0xrrggbb.
        ignore_label: label without loss and metric.
        nearest: whether a colour that is none counts as the nearest one.
        mirror_pairs: classes that swap in a mirrored image; None: found by name.
    """

    names: tuple[str, ...]
    colors: tuple[Color, ...]
    values: tuple[int, ...] = ()
    masked_colors: tuple[tuple[int, ...], ...] = ()
    ignored: tuple[int, ...] = ()
    ignored_colors: tuple[int, ...] = ()
    ignore_label: int = 255
    nearest: bool = False
    mirror_pairs: tuple[tuple[str, str], ...] | None = None

    def descriptor(self, name: str) -> Descriptor:
        """The descriptor of a dataset of these classes, without splits."""
        return Descriptor(name, self.names, self.colors, self.ignore_label, mirror_pairs=self.mirror_pairs)

    def reader(self, name: str, read: Callable[[str], bytes] = storage.read) -> MaskReader:
        """What reads its masks; `name` is that of the dataset, for messages, and `read` gives the bytes of a file."""
        values = self.values or tuple(range(len(self.names)))
        colors = self.masked_colors or ((),) * len(self.names)
        classes = tuple(
            Entry(word, (value,), shown) for word, value, shown in zip(self.names, values, colors, strict=True)
        )
        ignored = (Entry("", self.ignored, self.ignored_colors),) if self.ignored or self.ignored_colors else ()
        label_map = LabelMap(f"the table of {name}", classes, ignored, by_colors=bool(self.masked_colors))
        return MaskReader(self.ignore_label, label_map, nearest_color=self.nearest, read=read)


@dataclasses.dataclass(frozen=True)
class Found:
    """What the files of a split give: its examples in writing order, and what does not pair."""

    pairs: tuple[Pair, ...]
    problems: tuple[Problem, ...] = ()


@dataclasses.dataclass(frozen=True)
class PublicSet:
    """A public dataset.

    Attributes:
        name: as flags have it.
        archives: what it is made from.
        expected: split name -> how many examples the published split has.
        splits: the splits that are made unless others are asked for.
        find: gives a split of the folder with the unpacked archives.
        table: gives the classes; they may stand in a file of the archives.
        page: where a person finds out about it, and fetches archives without an address.
        terms: what its authors allow.
        masks: puts another mask source around the reader of mask files.
        note: what else to know.
        digests: split name -> SHA-256 of the published names, sorted, one a line.
        tree: folder that it is unpacked into, shared by sets of the same archives; "": its name.
    """

    name: str
    archives: tuple[Archive, ...]
    expected: Mapping[str, int]
    splits: tuple[str, ...]
    find: Callable[[str, str], Found]
    table: Callable[[str], ClassTable]
    page: str
    terms: str
    masks: Callable[[MaskReader], MaskSource] = lambda reader: reader
    note: str = ""
    digests: Mapping[str, str] = dataclasses.field(default_factory=dict)
    tree: str = ""

    def needed(self, splits: tuple[str, ...]) -> tuple[Archive, ...]:
        """The archives that some splits are made from."""
        return tuple(one for one in self.archives if not one.splits or set(one.splits) & set(splits))
