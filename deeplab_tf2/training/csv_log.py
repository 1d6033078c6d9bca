"""What a run measures, as rows of a CSV file that begin with the step."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from typing import Any

from deeplab_tf2 import storage


class CsvLog:
    """Rows of a CSV file, one at a time.

    Args:
        path: the file; it is made with the first row, whose names are its columns.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def add(self, row: Mapping[str, Any]) -> None:
        """Appends a row; what is measured since an earlier version of the run becomes new columns."""
        columns = _columns(self.path)
        if missing := [name for name in row if name not in columns]:
            columns += missing
            _write(self.path, columns, rows(self.path))
        with storage.explained(self.path, "written"), open(self.path, "a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, columns).writerow(row)


def cut_after(path: str, step: int) -> None:
    """Takes away the rows after a step, from which the run goes on, and what a kill left of a row."""
    if not os.path.exists(path):
        return
    kept = [row for row in rows(path) if int(row["step"]) <= step]
    if kept:
        _write(path, _columns(path), kept)
    else:
        storage.remove(path)


def rows(path: str) -> list[dict[str, str]]:
    """The whole rows of a log, in order; none where there is no log yet."""
    return [row for row in _reader(path) if None not in row.values() and (row.get("step") or "").isdecimal()]


def _columns(path: str) -> list[str]:
    return list(_reader(path).fieldnames or ())


def _reader(path: str) -> csv.DictReader[str]:
    text = storage.read_text(path) if os.path.exists(path) else ""
    # What stands behind the last end of a line is a row that was not written to its end.
    return csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1]))


def _write(path: str, columns: Sequence[str], values: Sequence[Mapping[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(values)
    storage.write_whole(path, text.getvalue().encode())
