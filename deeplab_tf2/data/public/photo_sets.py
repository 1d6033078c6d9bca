"""Public datasets of photographs of anything: PASCAL VOC, ADE20K, COCO-Stuff."""

from __future__ import annotations

from deeplab_tf2.data.public import class_tables, layouts
from deeplab_tf2.data.public.mat_masks import MatMasks
from deeplab_tf2.data.public.rows import Archive, PublicSet

_VOC = "http://host.robots.ox.ac.uk/pascal/VOC/voc2012/"
_SBD = "https://www2.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/semantic_contours/"
_ADE20K = "http://data.csail.mit.edu/places/ADEchallenge/"
_COCO = "http://images.cocodataset.org/zips/"
_STUFF = "http://calvin.inf.ed.ac.uk/wp-content/uploads/data/cocostuffdataset/"

PASCAL_VOC = PublicSet(
    name="pascal_voc_seg",
    archives=(
        Archive(
            "VOCtrainval_11-May-2012.tar",
            f"{_VOC}VOCtrainval_11-May-2012.tar",
            "6cd6e144f989b92b3379bac3b3de84fd",
            ("*/JPEGImages/*.jpg", "*/SegmentationClass/*.png", "*/ImageSets/Segmentation/*.txt"),
        ),
        Archive(
            "benchmark.tgz",
            f"{_SBD}benchmark.tgz",
            "82b4d87ceb2ed10f6038a1cba92111cb",
            ("*/dataset/cls/*.mat", "*/dataset/train.txt", "*/dataset/val.txt"),
            splits=("train_aug",),
        ),
        Archive(
            "VOC2012test.tar",
            members=("*/JPEGImages/*.jpg", "*/ImageSets/Segmentation/test.txt"),
            splits=("test",),
        ),
    ),
    expected={"train": 1464, "val": 1449, "trainval": 2913, "train_aug": 10582, "test": 1456},
    splits=("train", "val", "trainval"),
    find=layouts.voc,
    table=lambda tree: class_tables.VOC,
    masks=lambda reader: MatMasks(reader, ("GTcls", "Segmentation")),
    page="http://host.robots.ox.ac.uk/pascal/VOC/voc2012/ (test images: its evaluation server, after login)",
    terms="photographs under Flickr's terms, for research",
    digests={
        "val": "cdc1326d12f69ce5153aa5da04a4d8783e146868d42d19f82f44e74b97ac907d",
        "train_aug": "d1326bd532648d73bc4b1bd275434eba81930982dc7401a65a8cecb26c028e24",
    },
    note="train_aug: all that VOC and SBD label but VOC's val; where both do, the mask of VOC",
)

ADE20K = PublicSet(
    name="ade20k",
    archives=(
        Archive(
            "ADEChallengeData2016.zip",
            f"{_ADE20K}ADEChallengeData2016.zip",
            members=("*/images/*.jpg", "*/annotations/*.png"),
            splits=("train", "val"),
        ),
        Archive("release_test.zip", f"{_ADE20K}release_test.zip", members=("*/testing/*.jpg",), splits=("test",)),
    ),
    expected={"train": 20210, "val": 2000, "test": 3352},
    splits=("train", "val"),
    find=layouts.ade20k,
    table=lambda tree: class_tables.ADE20K,
    page="http://sceneparsing.csail.mit.edu (the full ADE20K, with _seg.png files, is another set)",
    terms="research, non-commercial",
    note="SceneParse150; label 0, `other`, is ignored",
)

COCO_STUFF = PublicSet(
    name="coco_stuff",
    archives=(
        *(
            Archive(
                f"{split}2017.zip",
                f"{_COCO}{split}2017.zip",
                members=(f"*{split}2017/*.jpg",),
                splits=(split,),
                folder="images",
            )
            for split in ("train", "val")
        ),
        Archive(
            "stuffthingmaps_trainval2017.zip",
            f"{_STUFF}stuffthingmaps_trainval2017.zip",
            members=("*2017/*.png",),
            folder="labels",
        ),
    ),
    expected={"train": 118287, "val": 5000},
    splits=("train", "val"),
    find=layouts.coco_stuff,
    table=lambda tree: class_tables.COCO_STUFF,
    page="https://github.com/nightrome/cocostuff",
    terms="labels CC BY 4.0, photographs under Flickr's terms",
    note="164k images; 171 classes, things first",
)

COCO_STUFF_10K = PublicSet(
    name="coco_stuff_10k",
    archives=(
        Archive(
            "cocostuff-10k-v1.1.zip",
            f"{_STUFF}cocostuff-10k-v1.1.zip",
            members=("*images/*.jpg", "*annotations/*.mat", "*imageLists/*.txt"),
        ),
    ),
    expected={"train": 9000, "test": 1000},
    splits=("train", "test"),
    find=layouts.coco_stuff_10k,
    table=lambda tree: class_tables.COCO_STUFF_10K,
    masks=lambda reader: MatMasks(reader, ("S",)),
    page="https://github.com/nightrome/cocostuff10k",
    terms="labels CC BY 4.0, photographs under Flickr's terms",
    note="the classes of coco_stuff; version 1.0 numbers them otherwise and is refused",
)
