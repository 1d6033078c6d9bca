"""Which image belongs to which mask and to which split: from folders and official list files."""

from __future__ import annotations

import dataclasses
import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from deeplab_tf2.config import InputError
from deeplab_tf2.data.folders import Folder

SHOWN_PROBLEMS = 20

_SPLIT_NAME = re.compile(r"^[A-Za-z0-9_.]+$")


@dataclasses.dataclass(frozen=True)
class Pair:
    """One example to be.

    Attributes:
        name: path below the image folder, with forward slashes, without suffix and extension.
        image: path of the image file.
        mask: path of the mask file, or None.
    """

    name: str
    image: str
    mask: str | None


@dataclasses.dataclass(frozen=True)
class Pairing:
    """All splits of a dataset, in writing order, and what the user should know about how they came about."""

    splits: Mapping[str, tuple[Pair, ...]]
    notes: tuple[str, ...]


def refuse(problems: Sequence[str], verdict: str) -> None:
    """Raises one error that lists the problems, or the first 20 of many; no problems, no error."""
    if not problems:
        return
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        shown.append(f"... and {len(problems) - SHOWN_PROBLEMS} more")
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise InputError("\n  ".join([f"{count} ({verdict}):", *shown]))


def pair_files(
    image_folder: str,
    mask_folder: str | None = None,
    list_folder: str | None = None,
    *,
    image_suffix: str = "",
    mask_suffix: str = "",
    validation_share: float = 0.2,
    seed: int = 0,
) -> Pairing:
    """Finds the splits of a dataset and the mask of each image.

    With lists, every *.txt in `list_folder` is a split of that name. A line is the name of an image (with or
    without folders and extension), or an image and its mask with white space between. Without lists the
    images are split by a hash of seed and name, so that the same images give the same splits everywhere;
    without masks they form the split "test". "trainval" is made from "train" and "val" where it is missing.

    Args:
        image_folder: folder of the images, with subfolders.
        mask_folder: folder of the masks, which have the names of their images; None for images without masks.
        list_folder: folder of the lists, or None.
        image_suffix: what the names of images end in before the extension, as in street_leftImg8bit.png.
        mask_suffix: what the names of masks end in before the extension, as in street_mask.png.
        validation_share: part of the images that becomes "val" when there are no lists, 0 to below 1.
        seed: seed of that split.

    Raises:
        InputError: files are missing, ambiguous, listed twice or outside their folder; the message lists them
            all, or the first 20 of many.
    """
    if not 0 <= validation_share < 1:
        raise InputError(f"validation_share is {validation_share}; it must lie in [0, 1)")
    shared = bool(mask_folder) and _share_files(image_folder, str(mask_folder))
    images = Folder("image_folder", image_folder, image_suffix, mask_suffix if shared else "")
    masks = None
    if mask_folder:
        role = "semantic_segmentation_folder"
        masks = Folder(role, mask_folder, mask_suffix, image_suffix if shared else "")
    if list_folder:
        pairing = _from_lists(images, masks, list_folder)
    else:
        pairing = _from_folders(images, masks, validation_share, seed)
    splits = dict(pairing.splits)
    both = (*splits.get("train", ()), *splits.get("val", ()))
    labelled = len({pair.mask is None for pair in both}) == 1
    if {"train", "val"} <= set(splits) and "trainval" not in splits and labelled:
        splits["trainval"] = both
    found = (*images.notes(), *(masks.notes() if masks else ()), *pairing.notes)
    return Pairing(splits, tuple(dict.fromkeys(found)))


def _share_files(first: str, second: str) -> bool:
    """Whether one folder is the other, or lies in it."""
    paths = [os.path.realpath(path) for path in (first, second)]
    return os.path.commonpath(paths) in paths


def _from_folders(images: Folder, masks: Folder | None, validation_share: float, seed: int) -> Pairing:
    names = images.stems(besides=masks)
    if not names:
        found = "; ".join(("holds no image (.jpg, .png, ...)", *images.notes()))
        raise InputError(f"image_folder {images.path} {found}")
    problems = [f"{' and '.join(files)} have the same name; keep one" for files in names.values() if len(files) > 1]
    pairs = [_pair_by_name(stem, files[0], images, masks) for stem, files in names.items()]
    if masks is None:
        refuse(problems, "nothing was converted")
        return Pairing({"test": tuple(pairs)}, ("no mask folder given: converted without labels, as split test",))
    problems += [
        f"{pair.image}: no mask {pair.name}{masks.suffix}.png in {masks.path}" for pair in pairs if not pair.mask
    ]
    refuse(problems, "images without their mask cannot be split; list them in a test.txt of --list_folder")
    used = {pair.mask for pair in pairs}
    lonely = sorted(
        stem for stem, files in masks.stems().items() if stem not in names and used.isdisjoint(map(masks.full, files))
    )
    notes = (f"{len(lonely)} masks without an image left out (first: {lonely[0]})",) if lonely else ()
    return Pairing(_drawn(pairs, validation_share, seed), notes)


def _drawn(pairs: Sequence[Pair], share: float, seed: int) -> dict[str, tuple[Pair, ...]]:
    """Pairs of masks drawn into "train" and "val": at least one image each, if there is any share."""
    ranked = sorted(pairs, key=lambda pair: hashlib.sha256(f"{seed}/{pair.name}".encode()).digest())
    held = min(max(round(share * len(pairs)), 1), len(pairs) - 1) if share else 0
    chosen = {pair.name for pair in ranked[:held]}
    splits = {"train": tuple(pair for pair in pairs if pair.name not in chosen)}
    if chosen:
        splits["val"] = tuple(pair for pair in pairs if pair.name in chosen)
    return splits


def _pair_by_name(stem: str, file: str, images: Folder, masks: Folder | None) -> Pair:
    """The image with the mask of its name; where both folders are one, no image is its own mask."""
    image = images.full(file)
    for mask in masks.masks(stem) if masks else ():
        rivals = images.namesakes(stem) if masks and masks.stem(mask) != stem else []
        if len(rivals) > 1:
            raise InputError(f"{mask} can be the mask of {' and '.join(rivals[:3])}: list pairs of image and mask")
        if masks and not os.path.samefile(masks.full(mask), image):
            return Pair(stem, image, masks.full(mask))
    return Pair(stem, image, None)


def _from_lists(images: Folder, masks: Folder | None, list_folder: str) -> Pairing:
    files = sorted(glob.glob(os.path.join(glob.escape(list_folder), "*.txt")))
    if not files:
        raise InputError(f"list_folder {list_folder} holds no list; expected train.txt, val.txt or the like")
    # train and val first: trainval is written along with them.
    files.sort(key=lambda path: {"train": 0, "val": 1}.get(_split_name(path), 2))
    problems: list[str] = []
    splits = {_split_name(path): _read_list(path, images, masks, problems) for path in files}
    notes: list[str] = []
    for path in files:
        _settle_masks(path, splits[_split_name(path)], masks, problems, notes)
    problems += [f"{name} is in both train.txt and val.txt; delete one" for name in _shared(splits, "train", "val")]
    refuse(problems, "nothing was converted")
    if masks and not any(pair.mask for pairs in splits.values() for pair in pairs):
        raise InputError(
            f"semantic_segmentation_folder {masks.path} has no mask for any listed image;"
            f" looked for names like {next(iter(splits.values()))[0].name}{masks.suffix}.png"
        )
    return Pairing({split: tuple(pairs) for split, pairs in splits.items()}, (*notes, *_leaks(splits)))


def _split_name(path: str) -> str:
    name = os.path.splitext(os.path.basename(path))[0]
    if not _SPLIT_NAME.match(name):
        raise InputError(f"{path}: a split is named by letters, digits, '_' and '.', not {name!r}; rename the list")
    return name


def _read_list(path: str, images: Folder, masks: Folder | None, problems: list[str]) -> list[Pair]:
    pairs: list[Pair] = []
    seen: dict[str, int] = {}
    for number, line in _lines(path):
        where = f"{os.path.basename(path)}:{number}"
        try:
            pair = _pair(line, where, images, masks)
        except InputError as error:
            problems.append(f"{path}:{number}: {error}")
            continue
        if pair.image in seen:
            problems.append(f"{path}:{number}: {pair.name} stands in line {seen[pair.image]} already; delete one")
        seen.setdefault(pair.image, number)
        pairs.append(pair)
    if not pairs and not problems:
        problems.append(f"{path}: the list names no image; fill it or move it out of the list folder")
    return pairs


def _lines(path: str) -> Iterator[tuple[int, str]]:
    try:
        with open(path, encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip() and not line.lstrip().startswith("#"):
                    yield number, line.strip()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text ({error}); a list has one image name per line") from error


def _pair(line: str, where: str, images: Folder, masks: Folder | None) -> Pair:
    """The pair that one line of a list names."""
    for image_part, mask_part, drop_prefix in _readings(line):
        image = images.find_image(image_part, where, masks, drop_prefix)
        if image is None:
            continue
        stem = images.stem(image)
        if not mask_part:
            return _pair_by_name(stem, image, images, masks)
        if masks is None:
            raise InputError(f"the line names the mask {mask_part}, but no --semantic_segmentation_folder is given")
        mask = masks.find_mask(mask_part, where)
        if mask is not None:
            return Pair(stem, images.full(image), masks.full(mask))
        raise InputError(f"no mask {mask_part} in {masks.path}{masks.hint(mask_part)}")
    name = line.split()[0]
    raise InputError(f"no image {name} in {images.path}{images.hint(name)}; if the file is no list, move it elsewhere")


def _readings(line: str) -> Iterator[tuple[str, str, bool]]:
    """Ways to read a line as (image, mask, whether a prefix may go): names may hold blanks themselves."""
    gaps = list(re.finditer(r"\s+", line))
    # Of two paths read as one, a dropped prefix would leave the second.
    yield line, "", not gaps
    for gap in gaps:
        yield line[: gap.start()], line[gap.end() :], True
    numbered = re.fullmatch(r"(\S+)\s+(\d{1,4})", line)
    if numbered:
        # "Person_Name 12" of the lists of Labeled Faces in the Wild.
        person, number = numbered[1], int(numbered[2])
        yield f"{person}/{person}_{number:04d}", "", False
        yield f"{person}_{number:04d}", "", False


def _settle_masks(
    path: str, pairs: Sequence[Pair], masks: Folder | None, problems: list[str], notes: list[str]
) -> None:
    """A split has all its masks or none of them."""
    bare = [pair for pair in pairs if pair.mask is None]
    if not masks or not bare:
        return
    if len(bare) == len(pairs):
        notes.append(f"{path}: none of the {len(pairs)} images has a mask: converted without labels")
        return
    problems += [f"{path}: no mask {pair.name}{masks.suffix}.png in {masks.path}" for pair in bare]


def _shared(splits: Mapping[str, Iterable[Pair]], first: str, second: str) -> list[str]:
    """The names that two splits have in common."""
    return sorted({pair.name for pair in splits.get(first, ())} & {pair.name for pair in splits.get(second, ())})


def _leaks(splits: Mapping[str, Iterable[Pair]]) -> Iterator[str]:
    for first, second in (("train", "test"), ("val", "test"), ("trainval", "test")):
        shared = _shared(splits, first, second)
        if shared:
            yield f"{len(shared)} images are in both {first}.txt and {second}.txt (first: {shared[0]})"
    if {"train", "val", "trainval"} <= set(splits):
        parts = {pair.name for split in ("train", "val") for pair in splits[split]}
        whole = {pair.name for pair in splits["trainval"]}
        for names, words in (
            (parts - whole, "lacks {} of train.txt and val.txt"),
            (whole - parts, "has {} beyond them"),
        ):
            if names:
                yield f"trainval.txt {words.format(f'{len(names)} images')} (first: {min(names)})"
