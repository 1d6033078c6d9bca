"""Classes that change places when an image is mirrored: a left eye becomes a right eye."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Left and right anywhere in a name; l and r only as a word of their own, as in l_brow or "arm.R".
_SIDE = re.compile(r"left|right|(?<![a-z0-9])[lr](?![a-z0-9])")
_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l"}


def mirror_pairs(class_names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The pairs of classes whose names differ in their side only: (left_eye, right_eye), (l_brow, r_brow).

    Case does not matter. A side without its counterpart ("right of way") makes no pair.

    Args:
        class_names: one name per class.

    Returns:
        Pairs of names, in the order of the classes; no name stands in two.
    """
    by_folded = {name.casefold(): name for name in class_names}
    pairs: list[tuple[str, str]] = []
    paired: set[str] = set()
    for folded, name in by_folded.items():
        other = by_folded.get(_SIDE.sub(lambda side: _OTHER[side[0]], folded))
        if other is not None and other != name and name not in paired:
            pairs.append((name, other))
            paired |= {name, other}
    return tuple(pairs)
