"""The examples of an unpacked public dataset, compared with what is published."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from deeplab_tf2.data.pairing.lists import Pair, Pairing
from deeplab_tf2.data.public.mat_masks import check_installed
from deeplab_tf2.data.public.rows import Found, PublicSet


def gather(row: PublicSet, tree: str, splits: Sequence[str]) -> Pairing:
    """The examples of some splits, what does not pair, and as notes how many examples were expected.

    Args:
        row: the dataset.
        tree: folder with its unpacked archives.
        splits: names of splits.

    Raises:
        InputError: the folder is not laid out like the dataset, or a library for its masks is missing.
    """
    found = {split: row.find(tree, split) for split in splits}
    problems = dict.fromkeys(problem for one in found.values() for problem in one.problems)
    pairs = {split: one.pairs for split, one in found.items()}
    if any(str(pair.mask).endswith(".mat") for some in pairs.values() for pair in some):
        check_installed()
    return Pairing(pairs, tuple(_notes(row, found)), tuple(problems))


def _notes(row: PublicSet, found: dict[str, Found]) -> Iterable[str]:
    for split, one in found.items():
        published, count = row.expected[split], len(one.pairs)
        if count != published:
            yield f"warning: {split}: {count} examples, published are {published}: a part of the set, or files lack"
        elif split in row.digests and row.digests[split] != _digest(one.pairs):
            yield f"warning: {split}: {count} examples, as many as published, but others"
        else:
            yield f"{split}: {count} examples, as published"


def _digest(pairs: Sequence[Pair]) -> str:
    return hashlib.sha256("".join(f"{name}\n" for name in sorted(pair.name for pair in pairs)).encode()).hexdigest()
