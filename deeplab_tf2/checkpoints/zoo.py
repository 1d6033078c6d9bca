"""The published checkpoints of official DeepLab, as rows: what they are, how they did, where they lie.

Names, sizes and results are those of the official model zoo; the weights are Google's.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.presets import LITE_R_ASPP

BASE_URL = "http://download.tensorflow.org/models/"
URL_VARIABLE = "DEEPLAB_TF2_ZOO_URL"
PREFIX = "zoo:"

_FROM_HALF = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)
_AROUND_ONE = (0.75, 1.0, 1.25)


@dataclasses.dataclass(frozen=True)
class Result:
    """A published mean IoU in percent: at which output stride, on which split, with which scales and flips."""

    output_stride: int
    miou: float
    split: str = "val"
    scales: tuple[float, ...] = (1.0,)
    flip: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    """A published archive.

    Attributes:
        file: its name below the base address.
        size: its published size.
        settings: fields of `ModelConfig` that differ from the defaults.
        dataset: what it was trained on to segment; None: weights to start from.
        results: published results.
        resizing: `min_resize_value`, `max_resize_value` and `resize_factor` of its images, where they are resized.
    """

    file: str
    size: str
    settings: Mapping[str, Any]
    dataset: str | None = None
    results: tuple[Result, ...] = ()
    resizing: Mapping[str, int] = dataclasses.field(default_factory=dict)

    @property
    def model_config(self) -> ModelConfig:
        """The network that the weights belong to."""
        return ModelConfig(**self.settings)

    @property
    def url(self) -> str:
        """Where the archive lies: at the base address, or at the mirror that DEEPLAB_TF2_ZOO_URL names.

        Raises:
            InputError: the mirror is no http address.
        """
        base = os.environ.get(URL_VARIABLE) or BASE_URL
        if not base.startswith(("http://", "https://")):
            raise InputError(f"{URL_VARIABLE}={base} is no address: it must begin with http:// or https://")
        return f"{base.rstrip('/')}/{self.file}"


def _resized(longest: int) -> dict[str, int]:
    return {"min_resize_value": longest, "max_resize_value": longest, "resize_factor": 16}


_VOC = {"num_classes": 21}
_CITYSCAPES = {"num_classes": 19}
_ADE20K = {"num_classes": 151}
_PLAIN = {"atrous_rates": (), "decoder_output_stride": ()}
_V2 = {"model_variant": "mobilenet_v2", **_PLAIN}
_V3 = {**LITE_R_ASPP, **_CITYSCAPES}
_EDGETPU = {"model_variant": "mobilenet_edgetpu", **_PLAIN, **_CITYSCAPES}
_XCEPTION_65 = {"model_variant": "xception_65"}
# The cell that a search on Cityscapes found best (Chen et al. 2018, figure 5).
_CELL = """[
{"op": "conv", "kernel": 3, "rate": [1, 6], "input": -1},
{"op": "conv", "kernel": 3, "rate": [18, 15], "input": 0},
{"op": "conv", "kernel": 3, "rate": [6, 3], "input": 1},
{"op": "conv", "kernel": 3, "rate": [1, 1], "input": 0},
{"op": "conv", "kernel": 3, "rate": [6, 21], "input": 0}]"""
_XCEPTION_71_CELL = {"model_variant": "xception_71", "dense_prediction_cell_json": _CELL, **_CITYSCAPES}
_RESNET = {"multi_grid": (1, 2, 4)}

ROWS: dict[str, Row] = {
    "mobilenetv2_dm05_coco_voc_trainaug": Row(
        "deeplabv3_mnv2_dm05_pascal_trainaug_2018_10_01.tar.gz",
        "7.6 MB",
        {**_V2, **_VOC, "depth_multiplier": 0.5},
        "pascal_voc_seg",
        (Result(16, 70.19),),
    ),
    "mobilenetv2_dm05_coco_voc_trainval": Row(
        "deeplabv3_mnv2_dm05_pascal_trainval_2018_10_01.tar.gz",
        "7.6 MB",
        {**_V2, **_VOC, "depth_multiplier": 0.5, "output_stride": 8},
        "pascal_voc_seg",
        (Result(8, 71.83, "test"),),
    ),
    "mobilenetv2_coco_voc_trainaug": Row(
        "deeplabv3_mnv2_pascal_train_aug_2018_01_29.tar.gz",
        "23 MB",
        {**_V2, **_VOC},
        "pascal_voc_seg",
        (Result(16, 75.32), Result(8, 77.33, scales=_FROM_HALF, flip=True)),
    ),
    "mobilenetv2_coco_voc_trainval": Row(
        "deeplabv3_mnv2_pascal_trainval_2018_01_29.tar.gz",
        "23 MB",
        {**_V2, **_VOC, "output_stride": 8},
        "pascal_voc_seg",
        (Result(8, 80.25, "test", _FROM_HALF, True),),
    ),
    "xception65_coco_voc_trainaug": Row(
        "deeplabv3_pascal_train_aug_2018_01_04.tar.gz",
        "439 MB",
        {**_XCEPTION_65, **_VOC},
        "pascal_voc_seg",
        (Result(16, 82.20), Result(8, 83.58, scales=_FROM_HALF, flip=True)),
    ),
    "xception65_coco_voc_trainval": Row(
        "deeplabv3_pascal_trainval_2018_01_04.tar.gz",
        "439 MB",
        {**_XCEPTION_65, **_VOC, "output_stride": 8},
        "pascal_voc_seg",
        (Result(8, 87.80, "test", _FROM_HALF, True),),
    ),
    "mobilenetv2_coco_cityscapes_trainfine": Row(
        "deeplabv3_mnv2_cityscapes_train_2018_02_05.tar.gz",
        "23 MB",
        {**_V2, **_CITYSCAPES},
        "cityscapes",
        (Result(16, 70.71), Result(8, 73.57, scales=_AROUND_ONE, flip=True)),
    ),
    "mobilenetv3_large_cityscapes_trainfine": Row(
        "deeplab_mnv3_large_cityscapes_trainfine_2019_11_15.tar.gz",
        "17 MB",
        {"model_variant": "mobilenet_v3_large_seg", **_V3},
        "cityscapes",
        (Result(32, 72.41),),
    ),
    "mobilenetv3_small_cityscapes_trainfine": Row(
        "deeplab_mnv3_small_cityscapes_trainfine_2019_11_15.tar.gz",
        "5 MB",
        {"model_variant": "mobilenet_v3_small_seg", **_V3},
        "cityscapes",
        (Result(32, 68.99),),
    ),
    "xception65_cityscapes_trainfine": Row(
        "deeplabv3_cityscapes_train_2018_02_06.tar.gz",
        "439 MB",
        {**_XCEPTION_65, **_CITYSCAPES},
        "cityscapes",
        (Result(16, 78.79), Result(8, 80.42, scales=_AROUND_ONE, flip=True)),
    ),
    "xception71_dpc_cityscapes_trainfine": Row(
        "deeplab_cityscapes_xception71_trainfine_2018_09_08.tar.gz",
        "445 MB",
        _XCEPTION_71_CELL,
        "cityscapes",
        (Result(16, 80.31),),
    ),
    "xception71_dpc_cityscapes_trainval": Row(
        "deeplab_cityscapes_xception71_trainvalfine_2018_09_08.tar.gz",
        "446 MB",
        {**_XCEPTION_71_CELL, "output_stride": 8},
        "cityscapes",
        (Result(8, 82.66, "test", (0.75, 1.0, 1.25, 1.5, 1.75, 2.0), True),),
    ),
    "edgetpu_deeplab_cityscapes_trainfine": Row(
        "edgetpu-deeplab_2020_03_09.tar.gz",
        "not published",
        {**_EDGETPU, "output_stride": 32},
        "cityscapes",
        (Result(32, 70.6), Result(16, 74.1)),
    ),
    "edgetpu_deeplab_slim_cityscapes_trainfine": Row(
        "edgetpu-deeplab-slim_2020_03_09.tar.gz",
        "not published",
        {**_EDGETPU, "output_stride": 32, "depth_multiplier": 0.75, "aspp_convs_filters": 128},
        "cityscapes",
        (Result(32, 70.0), Result(16, 73.2)),
    ),
    "mobilenetv2_ade20k_train": Row(
        "deeplabv3_mnv2_ade20k_train_2018_12_03.tar.gz",
        "24.8 MB",
        {**_V2, **_ADE20K, "decoder_output_stride": (4,)},
        "ade20k",
        (Result(16, 32.04),),
        _resized(257),
    ),
    "xception65_ade20k_train": Row(
        "deeplabv3_xception_ade20k_train_2018_05_29.tar.gz",
        "439 MB",
        {**_XCEPTION_65, **_ADE20K, "output_stride": 8},
        "ade20k",
        (Result(8, 45.65, scales=_FROM_HALF, flip=True),),
        _resized(513),
    ),
    "xception_41_imagenet": Row("xception_41_2018_05_09.tar.gz", "288 MB", {"model_variant": "xception_41"}),
    "xception_65_imagenet": Row("deeplabv3_xception_2018_01_04.tar.gz", "447 MB", _XCEPTION_65),
    "xception_65_imagenet_coco": Row("xception_65_coco_pretrained_2018_10_02.tar.gz", "292 MB", _XCEPTION_65),
    "xception_71_imagenet": Row("xception_71_2018_05_09.tar.gz", "474 MB", {"model_variant": "xception_71"}),
    "resnet_v1_50_beta_imagenet": Row(
        "resnet_v1_50_2018_05_04.tar.gz", "274 MB", {"model_variant": "resnet_v1_50_beta", **_RESNET}
    ),
    "resnet_v1_101_beta_imagenet": Row(
        "resnet_v1_101_2018_05_04.tar.gz", "477 MB", {"model_variant": "resnet_v1_101_beta", **_RESNET}
    ),
}


def find(name: str) -> Row:
    """The row of a published checkpoint.

    Args:
        name: its name, with or without `zoo:`.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    name = name.removeprefix(PREFIX)
    if name not in ROWS:
        raise InputError(f"the model zoo has no {name!r}; it has {', '.join(ROWS)}")
    return ROWS[name]


def of_path(path: str) -> Row | None:
    """The row that a checkpoint's path means: `zoo:NAME`, or a published archive by its own name."""
    if path.startswith(PREFIX):
        return find(path)
    return next((row for row in ROWS.values() if row.file == os.path.basename(path)), None)
