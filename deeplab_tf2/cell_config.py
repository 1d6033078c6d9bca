"""The flag for a dense prediction cell: a head that was found by search (Chen et al., NIPS 2018), branch by branch."""

from __future__ import annotations

import json
import os
from typing import Any

from deeplab_tf2 import storage
from deeplab_tf2.settings import InputError, check


def cell_text(value: str) -> str:
    """The JSON of a dense prediction cell, checked.

    Args:
        value: a list of branches in JSON, or the path of a file that holds it.

    Raises:
        InputError: there is no such file, or a branch is not legal; the message says which.
    """
    text = value
    if not value.lstrip().startswith("["):
        check(
            os.path.isfile(value), f"dense_prediction_cell_json={value}: there is no such file, and it is no JSON list"
        )
        text = storage.read_text(value)
    try:
        branches = json.loads(text)
    except ValueError as error:
        raise InputError(f"dense_prediction_cell_json is no JSON: {error}") from error
    check(isinstance(branches, list) and bool(branches), "dense_prediction_cell_json must be a list of branches")
    for index, branch in enumerate(branches):
        _check_branch(index, branch)
    return json.dumps(branches)


def _check_branch(index: int, branch: Any) -> None:
    where = f"branch {index} of dense_prediction_cell_json"
    check(isinstance(branch, dict), f"{where} is no JSON object")
    kinds = {"conv": ("kernel", "rate"), "pyramid_pooling": ("grid_size",)}
    check(branch.get("op") in kinds, f"{where} has op={branch.get('op')!r}; legal are {', '.join(kinds)}")
    pointwise = branch["op"] == "conv" and branch.get("kernel") in (1, [1, 1])
    wanted = [name for name in (*kinds[branch["op"]], "input") if not (pointwise and name == "rate")]
    missing = [name for name in wanted if name not in branch]
    check(not missing, f"{where} lacks {', '.join(missing)}")
    for name in set(wanted) & {"kernel", "rate", "grid_size"}:
        value = branch[name]
        single = name == "kernel" and _is_count(value)
        pair = isinstance(value, list) and len(value) == 2 and all(map(_is_count, value))
        check(single or pair, f"{where} has {name}={value!r}; it must be two whole numbers above 0")
    source = branch["input"]
    check(
        isinstance(source, int) and -1 <= source < index,
        f"{where} has input={source!r}; it must be -1 (the backbone) or an earlier branch",
    )


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value >= 1
