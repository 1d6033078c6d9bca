"""How reports write scores and facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def score(value: float | None, absent: str = "-") -> str:
    """A score of 0..1 in four digits."""
    return absent if value is None or math.isnan(value) else f"{value:.4f}"


def worded(value: Any) -> str:
    """A value of a report in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {worded(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, list | tuple):
        return ", ".join(map(worded, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def change(value: float) -> str:
    """A difference of scores, with its sign."""
    return "-" if math.isnan(value) else f"{value:+.4f}"
