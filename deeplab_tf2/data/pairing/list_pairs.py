"""Pairs of image and mask as lists name them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from deeplab_tf2.config import InputError
from deeplab_tf2.data.findings import listed
from deeplab_tf2.data.pairing.folders import Folder, MaskFiles
from deeplab_tf2.data.pairing.list_files import Line, find_lists, is_split_name, read_list
from deeplab_tf2.data.pairing.pairs import Pair, Pairing, Problem, refuse

# With its line, where one goes on to find fault with it.
_Found = tuple[str, Pair]


def pair_by_lists(images: Folder, masks: MaskFiles | None, where: str) -> Pairing:
    """Reads lists, and finds what they name.

    Args:
        images: the images.
        masks: the masks, or None.
        where: a list, or a folder of lists.

    Raises:
        InputError: a list cannot be read at all, no line can be used, or no image has a mask.
    """
    by_split, notes = _read_lists(find_lists(where))
    if not by_split:
        raise InputError(f"list_folder {where} holds no list; " + "; ".join(notes))
    problems: list[Problem] = []
    found: dict[str, list[_Found]] = {}
    # train and val first: trainval is written along with them.
    for split in sorted(by_split, key=lambda split: {"train": 0, "val": 1}.get(split, 2)):
        pairs = list(_pairs(by_split[split], images, masks, problems))
        found[split] = _with_masks(split, pairs, masks, problems, notes)
    found["val"] = list(_without_leaks(found.get("train", ()), found.get("val", ()), problems))
    splits = {split: tuple(pair for _, pair in pairs) for split, pairs in found.items() if pairs}
    _refuse_nothing(splits, masks, problems)
    left_out = tuple(_unlisted(splits, images, masks))
    if left_out:
        notes.append(f"images in no list were left out: {listed([file.name for file in left_out])}")
    return Pairing(splits, (*notes, *_leaks(splits)), tuple(problems), left_out)


def _read_lists(paths: Iterable[str]) -> tuple[dict[str, list[Line]], list[str]]:
    """The lines of each split, and notes."""
    by_split: dict[str, list[Line]] = {}
    notes, broken = list[str](), list[str]()
    for path in paths:
        try:
            lines = read_list(path)
        except InputError as error:
            broken.append(str(error))
            continue
        if lines is None:
            notes.append(f"{os.path.basename(path)} is a label map and no list: passed over")
        for line in lines or ():
            by_split.setdefault(line.split, []).append(line)
    refuse(broken, "nothing was converted")
    return by_split, notes


def _pairs(lines: Iterable[Line], images: Folder, masks: MaskFiles | None, problems: list[Problem]) -> Iterator[_Found]:
    """What the lines name; what they do not becomes a problem."""
    seen: dict[str, str] = {}
    for line in lines:
        where = os.path.basename(line.where)
        try:
            if not is_split_name(line.split):
                raise InputError(f"the split {line.split!r}; legal are letters, digits, '_' and '.'")
            pair = _pair(line, images, masks)
            if pair.image in seen:
                raise InputError(f"{pair.name} stands in {seen[pair.image]} already; delete one")
        except InputError as error:
            problems.append(Problem(where, f"{line.where}: {error}"))
            continue
        seen[pair.image] = where
        yield line.where, pair


def _pair(line: Line, images: Folder, masks: MaskFiles | None) -> Pair:
    for image_part, mask_part, drop_prefix in line.readings:
        image = images.find_image(image_part, line.where, masks, drop_prefix)
        if image is None:
            continue
        stem = images.stem(image)
        if not mask_part:
            return pair_by_name(stem, image, images, masks)
        if masks is None:
            raise InputError(f"the line names the mask {mask_part}, but no --semantic_segmentation_folder is given")
        mask = masks.find_mask(mask_part, line.where)
        if mask is not None:
            return Pair(stem, images.full(image), masks.full(mask))
        raise InputError(f"no mask {mask_part} in {masks.path}{masks.hint(mask_part)}")
    if not line.readings:
        raise InputError(f"{line.text[:60]!r} is no image, and no image with its mask; tables may have a header")
    name = line.readings[0][0] if line.readings[0][1] else line.text.split()[0]
    raise InputError(
        f"no image {name[:200]} in {images.path}{images.hint(name)}; if the file is no list, move it elsewhere"
    )


def pair_by_name(stem: str, file: str, images: Folder, masks: MaskFiles | None) -> Pair:
    """The image `file` with the mask of its name; where both folders are one, no image is its own mask.

    Raises:
        InputError: the mask may be that of several images.
    """
    image = images.full(file)
    for mask in masks.masks(stem) if masks else ():
        rivals = images.namesakes(stem) if masks and masks.stem(mask) != stem else []
        if len(rivals) > 1:
            raise InputError(f"{mask} can be the mask of {' and '.join(rivals[:3])}: list pairs of image and mask")
        if masks and not masks.is_same(mask, image):
            return Pair(stem, image, masks.full(mask))
    return Pair(stem, image, None)


def _with_masks(
    split: str, found: list[_Found], masks: MaskFiles | None, problems: list[Problem], notes: list[str]
) -> list[_Found]:
    """A split has all its masks or none of them."""
    bare = [(where, pair) for where, pair in found if pair.mask is None]
    if not masks or not bare:
        return found
    if len(bare) == len(found):
        notes.append(f"split {split}: none of the {len(found)} images has a mask: converted without labels")
        return found
    problems += [
        Problem(pair.name, f"{where}: no mask {masks.expected(pair.name)} in {masks.path}") for where, pair in bare
    ]
    return [(where, pair) for where, pair in found if pair.mask is not None]


def _without_leaks(train: Iterable[_Found], val: Iterable[_Found], problems: list[Problem]) -> Iterator[_Found]:
    known = {pair.name for _, pair in train}
    for where, pair in val:
        if pair.name in known:
            problems.append(Problem(pair.name, f"{where}: {pair.name} is in both train and val; delete one"))
        else:
            yield where, pair


def _refuse_nothing(splits: Mapping[str, Sequence[Pair]], masks: MaskFiles | None, problems: Sequence[Problem]) -> None:
    """Nothing that pairs, or no mask for any image: then the folders are wrong, not the lines."""
    if not splits:
        refuse([problem.text for problem in problems], "no line can be used")
    if masks and not any(pair.mask for pairs in splits.values() for pair in pairs):
        first = next(iter(splits.values()))[0].name
        raise InputError(
            f"semantic_segmentation_folder {masks.path} has no mask for any listed image;"
            f" looked for names like {masks.expected(first)}"
        )


def _unlisted(splits: Mapping[str, Iterable[Pair]], images: Folder, masks: MaskFiles | None) -> Iterator[Problem]:
    used = {path for pairs in splits.values() for pair in pairs for path in (pair.image, pair.mask)}
    for files in images.stems(besides=masks).values():
        for path in map(images.full, files):
            if path not in used:
                yield Problem(path, f"{path}: no list names the image")


def _shared(splits: Mapping[str, Iterable[Pair]], first: str, second: str) -> list[str]:
    """The names that two splits have in common."""
    return sorted({pair.name for pair in splits.get(first, ())} & {pair.name for pair in splits.get(second, ())})


def _leaks(splits: Mapping[str, Iterable[Pair]]) -> Iterator[str]:
    for first, second in (("train", "test"), ("val", "test"), ("trainval", "test")):
        shared = _shared(splits, first, second)
        if shared:
            yield f"{len(shared)} images are in both {first} and {second} (first: {shared[0]})"
    if {"train", "val", "trainval"} <= set(splits):
        parts = {pair.name for split in ("train", "val") for pair in splits[split]}
        whole = {pair.name for pair in splits["trainval"]}
        for names, words in (
            (parts - whole, "lacks {} of train and val"),
            (whole - parts, "has {} beyond them"),
        ):
            if names:
                yield f"trainval {words.format(f'{len(names)} images')} (first: {min(names)})"
