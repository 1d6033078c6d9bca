"""Public datasets of faces: LFW part labels, CelebAMask-HQ."""

from __future__ import annotations

from deeplab_tf2.data.public import class_tables, layouts
from deeplab_tf2.data.public.part_masks import PartMasks
from deeplab_tf2.data.public.rows import Archive, PublicSet

_LFW = "http://vis-www.cs.umass.edu/lfw/"

LFW_PARTS = PublicSet(
    name="lfw_parts",
    archives=(
        Archive(
            "lfw-funneled.tgz",
            f"{_LFW}lfw-funneled.tgz",
            "1b42dfed7d15c9b2dd63d5e5840c86ad",
            ("*lfw_funneled/*.jpg",),
        ),
        Archive(
            "parts_lfw_funneled_gt_images.tgz",
            f"{_LFW}part_labels/parts_lfw_funneled_gt_images.tgz",
            "3e7e26e801c3081d651c8c2ef3c45cfc",
            ("*.ppm",),
        ),
        *(
            Archive(f"parts_{part}.txt", f"{_LFW}part_labels/parts_{part}.txt", splits=(split,))
            for part, split in (("train", "train"), ("validation", "val"), ("test", "test"))
        ),
    ),
    expected={"train": 1500, "val": 500, "test": 927},
    splits=("train", "val", "test"),
    find=layouts.lfw_parts,
    table=lambda tree: class_tables.LFW_PARTS,
    page="http://vis-www.cs.umass.edu/lfw/part_labels/",
    terms="research; press photographs without licence",
    note="persons repeat across the splits",
)

CELEBAMASK_HQ = PublicSet(
    name="celebamask_hq",
    archives=(
        Archive(
            "CelebAMask-HQ.zip",
            members=("*/CelebA-HQ-img/*.jpg", "*-mask-anno/*.png", "*CelebA-HQ-to-CelebA-mapping.txt"),
        ),
        Archive(
            "list_eval_partition.txt",
            page="http://mmlab.ie.cuhk.edu.hk/projects/CelebA.html (folder Eval of the CelebA downloads)",
        ),
    ),
    expected={"train": 24183, "val": 2993, "test": 2824},
    splits=("train", "val", "test"),
    find=layouts.celebamask_hq,
    table=lambda tree: class_tables.CELEBAMASK_HQ,
    masks=lambda reader: PartMasks(class_tables.CELEBAMASK_HQ.names),
    page="https://github.com/switchablenorms/CelebAMask-HQ (Google Drive, by hand)",
    terms="non-commercial research, no redistribution",
    note="19 classes; left and right are the person's own, and swap in mirrored images",
)
