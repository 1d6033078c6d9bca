"""Where the examples of each public dataset lie once its archives are unpacked: (tree, split) to pairs."""

from __future__ import annotations

import os
from collections.abc import Sequence

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.lists import Pair
from deeplab_tf2.data.public.rows import Found
from deeplab_tf2.data.public.trees import files, lines, listed, paired, root


def voc(tree: str, split: str) -> Found:
    """PASCAL VOC 2012 by its segmentation lists; `train_aug` adds what only SBD has masks of, without VOC's val."""
    folder = root(tree, "JPEGImages", "ImageSets/Segmentation")

    def names(part: str) -> list[str]:
        return lines(os.path.join(folder, "ImageSets", "Segmentation", f"{part}.txt"))

    def mask(name: str) -> str | None:
        path = os.path.join(folder, "SegmentationClass", f"{name}.png")
        if split == "test":
            return None
        return path if split != "train_aug" or os.path.isfile(path) else os.path.join(extra, "cls", f"{name}.mat")

    extra = root(tree, "cls", "train.txt", "val.txt") if split == "train_aug" else ""
    if split == "train_aug":
        more = {name for part in ("train", "val") for name in lines(os.path.join(extra, f"{part}.txt"))}
        chosen = sorted({*names("train"), *more} - {*names("val")})
    elif split == "trainval":
        # As train followed by val it is written along with them.
        chosen = [*names("train"), *names("val")]
    else:
        chosen = names(split)
    return listed(Pair(name, os.path.join(folder, "JPEGImages", f"{name}.jpg"), mask(name)) for name in chosen)


# Split -> its folders, and the kind of labels.
_CITYSCAPES = {
    "train_fine": (("train",), "gtFine"),
    "val_fine": (("val",), "gtFine"),
    "trainval_fine": (("train", "val"), "gtFine"),
    "test_fine": (("test",), None),
    "train_coarse": (("train", "train_extra"), "gtCoarse"),
    "trainval_coarse": (("train", "train_extra", "val"), "gtCoarse"),
}
# A black picture, which the authors ask to leave out.
_CITYSCAPES_BAD = "troisdorf_000000_000073"


def cityscapes(tree: str, split: str) -> Found:
    """Cityscapes: one folder a city; masks are the `labelIds` pictures, as no archive holds train ids."""
    parts, kind = _CITYSCAPES[split]
    folder = root(tree, "leftImg8bit", *([kind] if kind else []))
    images = _by_city(os.path.join(folder, "leftImg8bit"), parts, "_leftImg8bit.png")
    return paired(images, _by_city(os.path.join(folder, kind), parts, f"_{kind}_labelIds.png") if kind else None)


def _by_city(folder: str, parts: Sequence[str], ending: str) -> dict[str, str]:
    cities = (city for part in parts for city in _folders(os.path.join(folder, part)))
    found = {name: path for city in cities for name, path in files(city, ending).items()}
    found.pop(_CITYSCAPES_BAD, None)
    return found


def _folders(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        raise InputError(f"there is no {folder}: is the archive with it unpacked there?")
    return sorted(entry.path for entry in os.scandir(folder) if entry.is_dir())


def ade20k(tree: str, split: str) -> Found:
    """ADE20K of the scene parsing challenge: folders are the splits."""
    if split == "test":
        return paired(files(os.path.join(root(tree, "testing"), "testing"), ".jpg"), None)
    folder = root(tree, "images/training", "annotations/training")
    part = {"train": "training", "val": "validation"}[split]
    images, masks = (os.path.join(folder, kind, part) for kind in ("images", "annotations"))
    return paired(files(images, ".jpg"), files(masks, ".png"))


def camvid(tree: str, split: str) -> Found:
    """CamVid as SegNet's authors offer it: list lines are two paths behind a folder of theirs."""
    folder = root(tree, "train", "trainannot", "train.txt")
    pairs = []
    for line in _segnet_list(folder, split):
        image, mask = (os.path.join(folder, *path.split("/")[-2:]) for path in _two(line, split))
        pairs.append(Pair(_stem(image), image, mask))
    return listed(pairs)


def camvid_original(tree: str, split: str) -> Found:
    """CamVid at its own size, by SegNet's lists."""
    lists = root(tree, "train.txt", "val.txt", "test.txt")
    images, masks = root(tree, "0001TP_006690.png"), root(tree, "0001TP_006690_L.png")
    names = [_stem(_two(line, split)[0]) for line in _segnet_list(lists, split)]
    return listed(
        Pair(name, os.path.join(images, f"{name}.png"), os.path.join(masks, f"{name}_L.png")) for name in names
    )


def _segnet_list(folder: str, split: str) -> list[str]:
    parts = ("train", "val") if split == "trainval" else (split,)
    return [line for part in parts for line in lines(os.path.join(folder, f"{part}.txt"))]


def _two(line: str, what: str) -> list[str]:
    words = line.split()
    if len(words) != 2 or ".." in line:
        raise InputError(f"the list of {what} has the line {line!r}, which is not two names: fetch it again")
    return words


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def lfw_parts(tree: str, split: str) -> Found:
    """LFW part labels: lines are a person and a number, images lie one folder a person, masks flat."""
    images, masks = root(tree, "lfw_funneled"), root(tree, "parts_lfw_funneled_gt_images")
    name = {"train": "parts_train.txt", "val": "parts_validation.txt", "test": "parts_test.txt"}[split]
    pairs = []
    for line in lines(os.path.join(root(tree, name), name)):
        person, number = _two(line, name)
        if not number.isdecimal():
            raise InputError(f"{name} has the line {line!r}, which is not a name and a number: fetch it again")
        stem = f"{person}_{int(number):04d}"
        image = os.path.join(images, "lfw_funneled", person, f"{stem}.jpg")
        pairs.append(Pair(stem, image, os.path.join(masks, "parts_lfw_funneled_gt_images", f"{stem}.ppm")))
    return listed(pairs)


def kitti(tree: str, split: str) -> Found:
    """KITTI semantics; its 200 labelled images have no official split: every fifth one is `val` here."""
    folder = root(tree, "training/image_2", "training/semantic")
    if split == "test":
        return paired(files(os.path.join(folder, "testing", "image_2"), ".png"), None)
    kinds = (files(os.path.join(folder, "training", kind), ".png") for kind in ("image_2", "semantic"))
    kept = [
        {name: path for name, path in kind.items() if split == "trainval" or (split == "val") == _fifth(name)}
        for kind in kinds
    ]
    return paired(*kept)


def _fifth(name: str) -> bool:
    number = name.partition("_")[0]
    return number.isdecimal() and int(number) % 5 == 4


_CELEBA_PARTS = {"train": "0", "val": "1", "test": "2"}


def celebamask_hq(tree: str, split: str) -> Found:
    """CelebAMask-HQ, split as CelebA splits the photographs that its images were made from.

    The mask of a pair is the beginning of the paths of its parts.
    """
    folder = root(tree, "CelebA-HQ-img", "CelebA-HQ-to-CelebA-mapping.txt")
    # The authors' own scripts spell it otherwise than their archive.
    spellings = (os.path.join(folder, name) for name in ("CelebAMask-HQ-mask-anno", "CelebAMaskHQ-mask-anno"))
    masks = _folders(next(filter(os.path.isdir, spellings), folder))
    partition = dict(
        _two(line, "list_eval_partition.txt")
        for line in lines(os.path.join(root(tree, "list_eval_partition.txt"), "list_eval_partition.txt"))
    )
    mapping = [line.split() for line in lines(os.path.join(folder, "CelebA-HQ-to-CelebA-mapping.txt"))[1:]]
    chosen = {row[0] for row in mapping if partition.get(row[-1]) == _CELEBA_PARTS[split]}
    images = files(os.path.join(folder, "CelebA-HQ-img"), ".jpg")
    # 00012_skin.png of image 12.jpg
    parts = {
        name[:5].lstrip("0") or "0": path[: -len(name) - 4] + name[:5]
        for part in masks
        for name, path in files(part, ".png").items()
    }
    return paired(*({name: path for name, path in kind.items() if name in chosen} for kind in (images, parts)))


def mapillary_vistas(tree: str, split: str, version: str) -> Found:
    """Mapillary Vistas: each version of the labels has a folder, or the older archive has one kind only."""
    folder = root(tree, "training/images")
    if split == "test":
        return paired(files(os.path.join(folder, "testing", "images"), ".jpg"), None)
    part = os.path.join(folder, {"train": "training", "val": "validation"}[split])
    masks = os.path.join(part, f"v{version}", "labels")
    if version == "1.2" and not os.path.isdir(masks):
        masks = os.path.join(part, "labels")
    return paired(files(os.path.join(part, "images"), ".jpg"), files(masks, ".png"))


def coco_stuff(tree: str, split: str) -> Found:
    """COCO-Stuff 164k: images and masks have folders of the same names, so they are unpacked apart."""
    folder = root(tree, "images", "labels")
    part = f"{split}2017"
    return paired(
        files(os.path.join(folder, "images", part), ".jpg"), files(os.path.join(folder, "labels", part), ".png")
    )


def coco_stuff_10k(tree: str, split: str) -> Found:
    """COCO-Stuff 10k v1.1 by its lists."""
    folder = root(tree, "images", "annotations", "imageLists")
    return listed(
        Pair(name, os.path.join(folder, "images", f"{name}.jpg"), os.path.join(folder, "annotations", f"{name}.mat"))
        for name in lines(os.path.join(folder, "imageLists", f"{split}.txt"))
    )
