"""The splits of a TensorFlow Datasets set under the names that training knows, and the names of their examples."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from deeplab_tf2.data.pairing.lists import Pair, drawn
from deeplab_tf2.data.tfds.tfds_source import Examples

_VALIDATION = ("validation", "val", "valid", "dev")
_VALIDATION_SHARE = 0.2
_EXTENSION = re.compile(r"\.(jpe?g|png|bmp|gif|ppm|tiff?|webp)$", re.IGNORECASE)


def find_pairs(examples: Examples, note: Callable[[str], object]) -> dict[str, tuple[Pair, ...]]:
    """All examples by split: "train" and "val" where any split can be them, the others as they are called.

    Args:
        examples: the set.
        note: called with what was decided.
    """
    pairs = {split: _named(split, size, examples) for split, size in examples.sizes().items() if size}
    if len(pairs) == 1:
        note(f"the set has one split, {next(iter(pairs))}: a fifth of it, drawn by name, is val")
        return drawn(next(iter(pairs.values())), _VALIDATION_SHARE, seed=0)
    called = _called(list(pairs))
    for split, name in called.items():
        if name == "val" and split not in _VALIDATION:
            note(f"the set has no split for validation: {split} is val")
    return {called[split]: part for split, part in pairs.items()}


def _called(splits: Sequence[str]) -> dict[str, str]:
    """What each split is called in records, where a hyphen would end the name."""
    names = {split: re.sub(r"[^A-Za-z0-9_.]", "_", split) for split in splits}
    validation = next((split for split in (*_VALIDATION, "test") if split in splits), None)
    return {**names, validation: "val"} if validation and "train" in splits else names


def _named(split: str, size: int, examples: Examples) -> tuple[Pair, ...]:
    keys = [f"{split}[{position}]" for position in range(size)]
    names = [_clean(examples.name(key)) for key in keys]
    if not all(names) or len(set(names)) < size:
        names = [f"{split}_{position:06d}" for position in range(size)]
    return tuple(Pair(name, key, key) for name, key in zip(names, keys, strict=True))


def _clean(name: str) -> str:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return _EXTENSION.sub("", "/".join(parts))
