"""Which image belongs to which mask and to which split: from folders and from lists."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Sequence

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.data.files.coco import CocoMasks, read_instances
from deeplab_tf2.data.files.labelme import EXTENSION
from deeplab_tf2.data.findings import listed
from deeplab_tf2.data.pairing.folders import EXTENSIONS, Folder, MaskFiles, lies_in, real_path
from deeplab_tf2.data.pairing.list_pairs import pair_by_lists, pair_by_name
from deeplab_tf2.data.pairing.pairs import Pair as Pair
from deeplab_tf2.data.pairing.pairs import Pairing as Pairing
from deeplab_tf2.data.pairing.pairs import Problem as Problem
from deeplab_tf2.data.pairing.pairs import refuse as refuse


def pair_files(
    image_folder: str,
    mask_folder: str | None = None,
    list_folder: str | None = None,
    *,
    image_suffix: str = "",
    mask_suffix: str = "",
    image_extensions: tuple[str, ...] = EXTENSIONS,
    validation_share: float = 0.2,
    seed: int = 0,
) -> Pairing:
    """Finds the splits of a dataset and the mask of each image.

    With lists, every *.txt, *.lst, *.csv and *.tsv in `list_folder` is a split of that name, or has a column that
    says the split. A line is the name of an image (with or without folders and extension), or an image and its mask.
    Without lists the images are split by a hash of seed and name, so that the same images give the same splits
    everywhere; without masks they form the split "test". "trainval" is made from "train" and "val" where it is
    missing.

    Args:
        image_folder: folder of the images, with subfolders.
        mask_folder: folder of the masks, which have the names of their images: image files, or where no image has
            one, labelme files; or a file of COCO instances; None for images without masks.
        list_folder: folder of the lists, or one list; or None.
        image_suffix: what the names of images end in before the extension, as in street_leftImg8bit.png.
        mask_suffix: what the names of masks end in before the extension, as in street_mask.png.
        image_extensions: what files of images end in.
        validation_share: part of the images that becomes "val" when there are no lists, 0 to below 1.
        seed: seed of that split.

    Returns:
        The splits, and as problems every file that does not pair and every line that names none.

    Raises:
        InputError: a folder or list is not there, cannot be read, or nothing in it fits.
    """
    if not 0 <= validation_share < 1:
        raise InputError(f"validation_share is {validation_share}; it must lie in [0, 1)")
    shared = bool(mask_folder) and _share_files(image_folder, str(mask_folder))
    images = Folder("image_folder", image_folder, image_suffix, mask_suffix if shared else None, image_extensions)
    masks = _masks(images, mask_folder, image_suffix, mask_suffix, shared) if mask_folder else None
    if list_folder:
        pairing = pair_by_lists(images, masks, list_folder)
    else:
        pairing = _from_folders(images, masks, validation_share, seed)
    splits = dict(pairing.splits)
    both = (*splits.get("train", ()), *splits.get("val", ()))
    labelled = len({pair.mask is None for pair in both}) == 1
    if {"train", "val"} <= set(splits) and "trainval" not in splits and labelled:
        splits["trainval"] = both
    folders: list[MaskFiles] = [images, masks] if masks else [images]
    notes = dict.fromkeys((*(note for folder in folders for note in folder.notes()), *pairing.notes))
    problems = dict.fromkeys(problem for folder in folders for problem in _nameless(folder))
    return dataclasses.replace(pairing, splits=splits, notes=tuple(notes), problems=(*problems, *pairing.problems))


def _masks(images: Folder, path: str, image_suffix: str, mask_suffix: str, shared: bool) -> MaskFiles:
    """Mask files; if no image has one, polygons of labelme; or the entries of a file of COCO instances."""
    if path.lower().endswith(EXTENSION) and storage.is_file(path):
        return CocoMasks(read_instances(path), image_suffix)
    masks = Folder("semantic_segmentation_folder", path, mask_suffix, image_suffix if shared else None)
    stems = images.stems(besides=masks)
    if any(not masks.is_same(file, images.full(stems[stem][0])) for stem in stems for file in masks.masks(stem)):
        return masks
    polygons = Folder("semantic_segmentation_folder", path, mask_suffix, extensions=(EXTENSION,))
    return polygons if any(map(polygons.masks, stems)) else masks


def _share_files(first: str, second: str) -> bool:
    """Whether one folder is the other, or lies in it."""
    paths = [real_path(path) for path in (first, second)]
    return lies_in(*paths) or lies_in(*paths[::-1])


def _nameless(folder: MaskFiles) -> Iterator[Problem]:
    for file in folder.nameless:
        yield Problem(file, f"{folder.path}: the name {file} is no UTF-8; rename the file")


def _from_folders(images: Folder, masks: MaskFiles | None, validation_share: float, seed: int) -> Pairing:
    names = images.stems(besides=masks)
    if not names:
        found = "; ".join(("holds no image (.jpg, .png, ...)", *images.notes()))
        raise InputError(f"image_folder {images.path} {found}")
    problems: list[Problem] = []
    pairs: list[Pair] = []
    for stem, files in names.items():
        try:
            if len(files) > 1:
                raise InputError(f"{' and '.join(files)} in {images.path} have the same name; keep one")
            pairs.append(pair_by_name(stem, files[0], images, masks))
        except InputError as error:
            problems.append(Problem(stem, str(error)))
    if not pairs:
        refuse([problem.text for problem in problems], "nothing pairs")
    if masks is None:
        note = "no mask folder given: converted without labels, as split test"
        return Pairing({"test": tuple(pairs)}, (note,), tuple(problems))
    labelled = [pair for pair in pairs if pair.mask]
    if not labelled:
        looked = f"looked for names like {masks.expected(pairs[0].name)}"
        found = "; ".join((looked, *_held(pairs[0].name, masks), *masks.notes()))
        raise InputError(f"semantic_segmentation_folder {masks.path} has no mask for any image; {found}")
    problems += [
        Problem(
            pair.name,
            f"{pair.image}: no mask {masks.expected(pair.name)} in {masks.path}; --skip_bad leaves such images out, or"
            " they go into a test.txt of --list_folder",
        )
        for pair in pairs
        if not pair.mask
    ]
    left_out = tuple(_lonely(labelled, masks, names))
    notes = (f"masks without an image were left out: {listed([mask.name for mask in left_out])}",) * bool(left_out)
    return Pairing(drawn(labelled, validation_share, seed), notes, tuple(problems), left_out)


def _held(stem: str, masks: MaskFiles) -> Iterator[str]:
    """What a folder of masks holds instead of that of one image, and the suffixes that would lead to some of it."""
    stems = masks.stems()
    rests = {name.removeprefix(stem) for name in stems if name.startswith(stem)}
    ends = sorted(rest for rest in rests if rest and not rest[0].isalnum())
    hint = f": say --mask_suffix={' or '.join(ends[:5])}" if ends else ""
    if stems:
        yield f"there are {listed([file for files in stems.values() for file in files], shown=3)}{hint}"


def _lonely(pairs: Sequence[Pair], masks: MaskFiles, names: dict[str, list[str]]) -> Iterator[Problem]:
    """Masks that belong to no image."""
    used = {pair.mask for pair in pairs}
    for stem, files in masks.stems().items():
        paths = [masks.full(file) for file in files]
        if stem not in names and used.isdisjoint(paths):
            yield from (Problem(path, f"{path}: the mask has no image") for path in paths)


def drawn(pairs: Sequence[Pair], share: float, seed: int) -> dict[str, tuple[Pair, ...]]:
    """Pairs drawn into "train" and "val" by a hash of seed and name: at least one image each, if there is any share."""
    ranked = sorted(pairs, key=lambda pair: hashlib.sha256(f"{seed}/{pair.name}".encode()).digest())
    held = min(max(round(share * len(pairs)), 1), len(pairs) - 1) if share else 0
    chosen = {pair.name for pair in ranked[:held]}
    splits = {"train": tuple(pair for pair in pairs if pair.name not in chosen)}
    if chosen:
        splits["val"] = tuple(pair for pair in pairs if pair.name in chosen)
    return splits
