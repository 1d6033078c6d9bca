"""The public datasets that one command converts, by name."""

from __future__ import annotations

from deeplab_tf2.config import InputError
from deeplab_tf2.data.public import face_sets, photo_sets, street_sets
from deeplab_tf2.data.public.rows import PublicSet

SETS = {
    one.name: one
    for one in (
        *(photo_sets.PASCAL_VOC, street_sets.CITYSCAPES, photo_sets.ADE20K),
        *(street_sets.CAMVID, street_sets.CAMVID_11, street_sets.CAMVID_32),
        *(face_sets.LFW_PARTS, street_sets.KITTI, face_sets.CELEBAMASK_HQ),
        *(street_sets.VISTAS_1_2, street_sets.VISTAS_2_0, photo_sets.COCO_STUFF, photo_sets.COCO_STUFF_10K),
    )
}


def find_set(name: str) -> PublicSet:
    """The public dataset called `name`.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    if name not in SETS:
        raise InputError(f"no public dataset is called {name!r} here; there are {', '.join(SETS)}")
    return SETS[name]


def chosen_splits(row: PublicSet, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The splits to make: those asked for, in the order of the dataset; none: its usual ones.

    Of Cityscapes, `train` stands for `train_fine`, and so on.

    Raises:
        InputError: there is no such split.
    """
    if not asked:
        return row.splits
    full = {name if name in row.expected else f"{name}_fine" for name in asked}
    strange = sorted(full - set(row.expected))
    if strange:
        wrong = ", ".join(name for name in asked if name in strange or f"{name}_fine" in strange)
        raise InputError(f"{row.name} has no split {wrong}; it has {', '.join(row.expected)}")
    return tuple(name for name in row.expected if name in full)
