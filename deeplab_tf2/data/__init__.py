"""From a folder of photos and masks to records, and from records to batches."""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "Descriptor": "catalog",
    "load_descriptor": "catalog",
    "make_dataset": "pipeline",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
