"""The file of a label map: JSON, YAML or CSV, read strictly, each complaint with the entry."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.label_map import MAX_ID, TRANSPARENT, Entry, LabelMap

_KEYS = ("name", "id", "ids", "color", "colors", "ignore", "mirror")
_LEGAL_COLOR = 'legal are "#rrggbb", [red, green, blue] of 0 to 255, and "transparent"'


def read_label_map(path: str) -> LabelMap:
    """Reads a label map.

    JSON and YAML files hold a list of entries, or {"classes": list}; an entry is an object with "name", "id" or "ids",
    "color" or "colors", "ignore" and "mirror". CSV files have the same columns, or r, g, b for a colour.

    Raises:
        InputError: the file cannot be used; the message names it and the entry.
    """
    parse = _PARSERS.get(os.path.splitext(path)[1].lower())
    if parse is None:
        raise InputError(f"label_map {path}: the extension says the format; legal are {', '.join(_PARSERS)}")
    text = storage.read_text(path)
    try:
        rows = parse(text)
    except InputError:
        raise
    except (ValueError, RecursionError, csv.Error) as error:
        raise InputError(f"label_map {path} is damaged: {error}") from error
    found = list(_entries(path, rows))
    classes = [entry for entry, ignored in found if not ignored]
    by_colors = not any(entry.ids for entry in classes)
    if by_colors:
        classes = [dataclasses.replace(entry, ids=(label,)) for label, entry in enumerate(classes)]
    ignored = [entry for entry, ignored in found if ignored]
    return LabelMap(
        f"label_map {path}", tuple(classes), tuple(ignored), by_colors and any(entry.colors for entry in classes)
    )


def _from_json(text: str) -> Any:
    return json.loads(text)


def _from_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise InputError("label maps in YAML need the extra: pip install 'deeplab-tf2[yaml]'") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{error} (colors are written in quotes)") from error


def _from_csv(text: str) -> list[dict[str, Any]]:
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=header.count))
    table = [[cell.strip() for cell in row] for row in reader if any(cell.strip() for cell in row)]
    names = [name.lower() for name in table[0]] if table else []
    rows = []
    for cells in table[1:]:
        if len(cells) > len(names):
            raise ValueError(f"row {', '.join(cells)!r} has {len(cells)} cells for {len(names)} columns")
        row: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        channels = [row.pop(channel) for channel in "rgb" if channel in row]
        rows.append({**row, "color": " ".join(channels)} if channels else row)
    return rows


_PARSERS: dict[str, Callable[[str], Any]] = {
    ".json": _from_json,
    ".yaml": _from_yaml,
    ".yml": _from_yaml,
    ".csv": _from_csv,
}


def _entries(path: str, rows: Any) -> Iterator[tuple[Entry, bool]]:
    if isinstance(rows, Mapping):
        if set(rows) != {"classes"}:
            raise InputError(
                f'label_map {path}: found {_cut(list(rows))}; legal is a list, or "classes" with a list, of entries'
                ' such as {"name": "sky", "id": 0, "color": "#0080ff"}'
            )
        rows = rows["classes"]
    if not isinstance(rows, list) or not rows:
        raise InputError(f"label_map {path} holds no list of classes")
    for number, row in enumerate(rows, 1):
        try:
            yield _entry(row)
        except InputError as error:
            raise InputError(f"label_map {path}: entry {number} ({_cut(row)}): {error}") from error


def _entry(row: Any) -> tuple[Entry, bool]:
    if not isinstance(row, Mapping):
        raise InputError(f"no object; legal keys are {', '.join(_KEYS)}")
    unknown = [_cut(key) for key in row if key not in _KEYS]
    if unknown:
        raise InputError(f"unknown key {', '.join(unknown[:8])}; legal are {', '.join(_KEYS)}")
    name, mirror = row.get("name", ""), row.get("mirror", "")
    if not isinstance(name, str) or not isinstance(mirror, str) or not (name + mirror).isprintable():
        raise InputError("name and mirror must be text of one line")
    ignored = _truth(row.get("ignore", False))
    ids = tuple(_id(value) for key in ("id", "ids") for value in _items(row.get(key, ())))
    colors = tuple(color for key in ("color", "colors") for color in _colors(row.get(key, ())))
    if not name.strip() and not ignored:
        raise InputError('a class needs a "name"')
    if ignored and not ids and not colors and not name.strip():
        raise InputError('what is ignored needs an "id", a "color", or for shapes a "name"')
    return Entry(name.strip(), ids, colors, mirror.strip()), ignored


def _truth(value: Any) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}
    text = str(value).lower() if isinstance(value, str | int) else "?"
    if text not in known:
        raise InputError(f"ignore is {_cut(value)}; legal are true and false")
    return known[text]


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return [item for item in re.split(r"[\s;|]+", value) if item]
    return value if isinstance(value, list | tuple) else [value]


def _id(value: Any) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MAX_ID:
        raise InputError(f"id {_cut(value)}; legal are whole numbers from 0 to {MAX_ID}")
    return number


def _colors(value: Any) -> list[int]:
    items = _items(value)
    if items and all(isinstance(item, int) or (isinstance(item, str) and item.isdecimal()) for item in items):
        return [_color(items)]
    return [_color(item) for item in items]


def _color(value: Any) -> int:
    if isinstance(value, str):
        if value.lower() == "transparent":
            return TRANSPARENT
        if re.fullmatch("#[0-9a-fA-F]{6}", value):
            return int(value[1:], 16)
    elif isinstance(value, list | tuple) and len(value) == 3:
        red, green, blue = (_channel(item) for item in value)
        if red is not None and green is not None and blue is not None:
            return red << 16 | green << 8 | blue
    raise InputError(f"color {_cut(value)}; {_LEGAL_COLOR}")


def _channel(item: Any) -> int | None:
    """A number of 0 to 255; None for anything else."""
    if isinstance(item, str) and re.fullmatch("[0-9]{1,3}", item):
        item = int(item)
    fits = isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= 255
    return item if fits else None


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def _cut(value: Any) -> str:
    """A value for a message; short however large or deep it is."""
    return _SHORT.repr(value)
