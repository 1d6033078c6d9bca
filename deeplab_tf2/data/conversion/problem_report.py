"""The list of everything that could not be converted, beside the records."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from deeplab_tf2 import storage
from deeplab_tf2.data.pairing.pairs import SHOWN_PROBLEMS, Problem, refuse

FILE_NAME = "problems.csv"
LEFT_OUT_NAME = "left_out.csv"


def settle(problems: Sequence[Problem], folder: str, allowed: int | None) -> str | None:
    """Writes the list, and stops where problems are too many.

    Args:
        problems: what is wrong, in order.
        folder: folder of the records; its older list is replaced.
        allowed: how many may be left out; None if none may.

    Returns:
        What the user should know; None without problems.

    Raises:
        InputError: there are more than allowed; the message has the first 20 and names the list of all.
    """
    different = list(dict.fromkeys(problems))
    path = storage.join(folder, FILE_NAME)
    if not different:
        storage.remove(path)
        return None
    storage.write_whole(path, _csv(different))
    if allowed is None or len(different) > allowed:
        verdict = "nothing was written" if allowed is None else f"more than --skip_limit={allowed}; nothing was written"
        listed = f"; all are listed in {path}" * (len(different) > SHOWN_PROBLEMS)
        refuse([problem.text for problem in different], verdict + listed)
    count = "1 example was" if len(different) == 1 else f"{len(different)} examples were"
    return f"{count} left out; why, is listed in {path} (first: {different[0].text})"


def list_left_out(files: Sequence[Problem], folder: str) -> None:
    """Writes the list of the sound files that no split uses into the folder of the records, or removes an older one."""
    path = storage.join(folder, LEFT_OUT_NAME)
    if files:
        storage.write_whole(path, _csv(files))
    else:
        storage.remove(path)


def _csv(problems: Sequence[Problem]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("name", "problem"))
    rows.writerows((problem.name, problem.text) for problem in problems)
    return text.getvalue().encode("utf-8", "replace")
