"""List files as they are met in the wild: one example a line, or a table with columns."""

from __future__ import annotations

import codecs
import csv
import dataclasses
import io
import os
import posixpath
import re
from collections.abc import Iterator, Sequence

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.folders import EXTENSIONS

TEXTS, TABLES = (".txt", ".lst"), (".csv", ".tsv")
# Values of a column that says the split, where no header calls it so.
SPLIT_WORDS = ("train", "training", "val", "valid", "validation", "test", "testing", "trainval")

_ROLES = {
    "image": ("image", "images", "img", "image_path", "img_path", "image_file", "image_name", "image_id", "imageid")
    + ("filename", "file_name", "file", "path", "filepath", "file_path", "input"),
    "mask": ("mask", "masks", "mask_path", "mask_file", "mask_name", "label", "labels", "label_path", "annotation")
    + ("segmentation", "segmentation_path", "seg", "target", "gt", "ground_truth"),
    "split": ("split", "set", "subset", "partition", "fold", "usage"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}
_LABEL_MAP_COLUMNS = {"name", "id", "ids", "color", "colors", "ignore", "mirror", "r", "g", "b"}
_SPLIT_NAME = re.compile(r"^[A-Za-z0-9_.]+$")
_GAP = re.compile(r"\s*[,;]\s*|\s+")
_QUOTED = r'(?:"([^"]*)"|\'([^\']*)\'|([^\s"\',;]+))'
_PART = re.compile(_QUOTED)
_QUOTED_LINE = re.compile(rf"{_QUOTED}(?:(?:\s*[,;]\s*|\s+){_QUOTED})?")
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")
_LONGEST_LINE = 8192
_MOST_GAPS = 32


@dataclasses.dataclass(frozen=True)
class Line:
    """What one line of a list says.

    Attributes:
        where: the list and the line, "lists/train.txt:3".
        split: the split of the example.
        text: the line, for messages.
        readings: ways to read it as (image, mask or "", whether leading folders may be dropped), the likeliest first.
    """

    where: str
    split: str
    text: str
    readings: tuple[tuple[str, str, bool], ...]


def find_lists(where: str) -> list[str]:
    """The list files that `where` names: the file itself, or all lists of a folder.

    Raises:
        InputError: there are none.
    """
    if storage.is_file(where):
        return [where]
    names = storage.names(where)
    found = [name for name in names if name.lower().endswith(TEXTS + TABLES) and not name.startswith(".")]
    if found:
        return [storage.join(where, name) for name in found]
    held = f" (it holds {', '.join(names[:3])}, ...)" if names else ""
    legal = ", ".join(TEXTS + TABLES)
    raise InputError(f"list_folder {where} holds no list{held}; expected train.txt, val.txt or the like ({legal})")


def split_name(path: str) -> str:
    """The split that a list is called after; it may be unfit to name files."""
    return posixpath.splitext(os.path.basename(path))[0]


def is_split_name(name: str) -> bool:
    """Whether records of a split can be called so."""
    return bool(_SPLIT_NAME.match(name))


def read_list(path: str) -> list[Line] | None:
    """The lines of a list without blank lines and comments; None where a table is a label map instead.

    Raises:
        InputError: the file is no text, names no image, or no split can be called like it; the message names it.
    """
    text = _text(path, storage.read(path))
    lines = _table_lines(path, text) if path.lower().endswith(TABLES) else list(_text_lines(path, text))
    if lines is not None and not lines:
        raise InputError(f"{path}: the list names no image; fill it or move it out of the list folder")
    if any(line.split == split_name(path) for line in lines or ()) and not is_split_name(split_name(path)):
        legal = "a split is named by letters, digits, '_' and '.'"
        raise InputError(f"{path}: {legal}, not {split_name(path)!r}; rename the list")
    return lines


def _text(path: str, data: bytes) -> str:
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        text = data.decode(encoding)
        if "\0" in text:
            raise ValueError("it has zero bytes")
    except ValueError as error:
        raise InputError(f"{path} is no UTF-8 text ({error}); a list has one image name per line") from error
    return text


def _text_lines(path: str, text: str) -> Iterator[Line]:
    rows = [(number, row.strip()) for number, row in enumerate(re.split(r"\r\n|\r|\n", text), 1)]
    rows = [(number, row) for number, row in rows if row and not row.startswith("#")]
    last_words = [_GAP.split(row[-40:]) for _, row in rows]
    by_column = all(len(words) > 1 and words[-1].strip("\"'") in SPLIT_WORDS for words in last_words)
    for number, row in rows:
        split, rest = split_name(path), row
        if by_column:
            gap = list(_GAP.finditer(row))[-1]
            split, rest = row[gap.end() :].strip("\"'"), row[: gap.start()]
        yield Line(f"{path}:{number}", split, rest, tuple(_readings(rest)))


def _readings(line: str) -> Iterator[tuple[str, str, bool]]:
    """Names may hold blanks and commas themselves."""
    if not line or len(line) > _LONGEST_LINE:
        return
    if line[0] in "\"'" and _QUOTED_LINE.fullmatch(line):
        parts = ["".join(groups) for groups in _PART.findall(line)]
        yield parts[0], "".join(parts[1:]), True
        return
    gaps = list(_GAP.finditer(line))[:_MOST_GAPS]
    # Of two paths read as one, a dropped prefix would leave the second.
    yield line, "", not gaps or _is_one_path(line, gaps)
    # Of "/data/a b.jpg /data/a b.png", the gap behind an extension is the likeliest.
    for gap in sorted(gaps, key=lambda gap: not line[: gap.start()].lower().endswith(EXTENSIONS)):
        yield line[: gap.start()], line[gap.end() :], True
    numbered = re.fullmatch(r"(\S+)\s+(\d{1,4})", line)
    if numbered:
        # "Person_Name 12" of the lists of Labeled Faces in the Wild.
        person, number = numbered[1], int(numbered[2])
        yield f"{person}/{person}_{number:04d}", "", False
        yield f"{person}_{number:04d}", "", False


def _is_one_path(line: str, gaps: Sequence[re.Match[str]]) -> bool:
    """Whether a line is one absolute path with blanks, and no two paths: "C:\\My Photos\\a.jpg"."""
    two = any(line[: gap.start()].lower().endswith(EXTENSIONS) or _ABSOLUTE.match(line[gap.end() :]) for gap in gaps)
    return bool(_ABSOLUTE.match(line)) and line.lower().endswith(EXTENSIONS) and not two


def _table_lines(path: str, text: str) -> list[Line] | None:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise InputError(f"{path}: the table is damaged in line {reader.line_num} ({error})") from error
    rows = [(number, row) for number, row in rows if any(row) and not row[0].startswith("#")]
    first = [cell.lower() for cell in rows[0][1]] if rows else []
    if "name" in first and set(first) <= _LABEL_MAP_COLUMNS:
        return None
    columns = {_ROLE_OF[cell]: place for place, cell in reversed(list(enumerate(first))) if cell in _ROLE_OF}
    if "image" in columns:
        return [_with_header(path, number, row, columns) for number, row in rows[1:]]
    return [_without_header(path, number, row) for number, row in rows]


def _with_header(path: str, number: int, row: list[str], columns: dict[str, int]) -> Line:
    cells = {role: row[place] if place < len(row) else "" for role, place in columns.items()}
    split = cells.get("split", "") if "split" in columns else split_name(path)
    return _line(path, number, row, split, cells["image"], cells.get("mask", ""))


def _without_header(path: str, number: int, row: list[str]) -> Line:
    cells = [cell for cell in row if cell]
    split = cells.pop() if len(cells) > 1 and cells[-1] in SPLIT_WORDS else split_name(path)
    image, mask = (*cells, "")[:2] if len(cells) < 3 else ("", "")
    return _line(path, number, row, split, image, mask)


def _line(path: str, number: int, row: list[str], split: str, image: str, mask: str) -> Line:
    fits = image and max(len(image), len(mask)) <= _LONGEST_LINE
    return Line(f"{path}:{number}", split, ", ".join(row), ((image, mask, True),) if fits else ())
