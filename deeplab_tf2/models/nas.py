"""The official NAS backbones: stem, cells at the levels of a row, and an optional classification head."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from deeplab_tf2.config import InputError
from deeplab_tf2.layers.composite import Composite
from deeplab_tf2.models.nas_cell import Cell
from deeplab_tf2.models.nas_operations import conv_norm, convolve
from deeplab_tf2.models.nas_plan import STEM, STEM_STRIDE, VARIANTS, keep_probability, plan_cells, plan_head

HEAD_FILTERS_PER_STRIDE = 32
HEAD_FILTERS = 2048


@keras.saving.register_keras_serializable(package="deeplab_tf2")
class NAS(Composite):
    """A network of searched cells (PNASNet, Liu et al. 2018; Auto-DeepLab, Liu et al. 2019, section 3).

    Maps normalised images [batch, height, width, 3] to a dictionary: "backbone" [batch, h, w, channels],
    "low_level_4", "low_level_8", ... for a decoder, and each end point, before ReLU, as "endpoint_Stem",
    "endpoint_Cell_0", ...; doubling gives 2n - 1 pixels, so that nas_hnasnet's features of even sizes are smaller
    than their stride says.

    Args:
        variant: key of `VARIANTS`.
        output_stride: 4, 8, 16 or 32; without head, nas_hnasnet always ends at 8.
        stem_filters: filters of a cell at stride 4.
        classification_head: whether convolutions lead on to stride 32 and 2048 channels.
        remove_os32_stride: whether cells of stride 32 run at stride 16.
        drop_path_keep_prob: probability of keeping an operation of the last cell, see `keep_probability`.
        batch_norm: arguments of `BatchNormalization`; frozen, nothing is dropped.
        weight_decay: L2 penalty of all kernels, depthwise ones too.

    Raises:
        InputError: an argument is not legal.
    """

    def __init__(
        self,
        variant: str = "nas_hnasnet",
        output_stride: int = 16,
        stem_filters: int = 20,
        classification_head: bool = False,
        remove_os32_stride: bool = False,
        drop_path_keep_prob: float = 1.0,
        batch_norm: Mapping[str, Any] | None = None,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"name": variant, **kwargs})
        if not 0 < drop_path_keep_prob <= 1:
            raise InputError(f"drop_path_keep_prob is {drop_path_keep_prob}; it must lie in (0, 1], 1 drops nothing")
        row = VARIANTS[variant]
        if output_stride not in row.levels:
            raise InputError(f"output_stride is {output_stride}; legal are {', '.join(map(str, row.levels))}")
        levels = row.levels[output_stride]
        shared: dict[str, Any] = {"batch_norm": batch_norm, "weight_decay": weight_decay, "dtype": self.dtype_policy}
        self.low_level = dict(row.low_level)
        self.keep = 1.0 if (batch_norm or {}).get("frozen") else drop_path_keep_prob
        self.stem = [
            conv_norm((f"conv{i}", f"conv{i}_bn"), filters, 3, strides, **shared)
            for i, (filters, strides) in enumerate(STEM)
        ]
        self.cells = [
            Cell(row.genotype, **dataclasses.asdict(plan), drop_path=self.keep < 1, **shared, name=f"cell_{i}")
            for i, plan in enumerate(plan_cells(row.genotype, levels, stem_filters, remove_os32_stride))
        ]
        self.head = self._head(STEM_STRIDE * 2 ** levels[-1], output_stride, shared) if classification_head else {}

    @staticmethod
    def _head(stride: int, output_stride: int, shared: dict[str, Any]) -> dict[str, Any]:
        head = {
            f"downsample_os{target}": conv_norm(
                (f"downsample_os{target}_conv", f"downsample_os{target}_bn"),
                HEAD_FILTERS_PER_STRIDE * target,
                3,
                strides,
                rate,
                **shared,
            )
            for target, strides, rate in plan_head(stride, output_stride)
        }
        names = ("classification_head_conv", "classification_head_bn")
        return {**head, "classification_head": conv_norm(names, HEAD_FILTERS, **shared)}

    def call(self, images: Any, progress: Any = 1.0) -> dict[str, Any]:
        previous, outputs = None, images
        for i, pair in enumerate(self.stem):
            previous, outputs = outputs, convolve(pair, ops.relu(outputs) if i else outputs)
        points = {"Stem": outputs}
        for i, cell in enumerate(self.cells):
            keep = keep_probability(i, len(self.cells), self.keep, progress) if self.keep < 1 else 1.0
            previous, outputs = outputs, cell(outputs, previous, keep_probability=keep)
            points[f"Cell_{i}"] = outputs
        for name, pair in self.head.items():
            outputs = points[name] = convolve(pair, ops.relu(outputs))
        return {
            "backbone": ops.relu(outputs),
            **{f"low_level_{stride}": points[name] for stride, name in self.low_level.items()},
            **{f"endpoint_{name}": value for name, value in points.items()},
        }
