"""The levels of the NAS backbones as rows, and what follows from them for cells, head and drop path."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from keras import ops

from deeplab_tf2.config import OUTPUT_STRIDES, InputError
from deeplab_tf2.models.nas_cell import GENOTYPES

# Filters and stride of each convolution.
STEM = ((64, 2), (64, 1), (128, 2))
STEM_STRIDE = 4
DEEPEST = 3


@dataclasses.dataclass(frozen=True)
class Variant:
    """A row: a genotype, and the level of each cell; level n works at stride 4 * 2^n.

    Attributes:
        genotype: key of `GENOTYPES`.
        levels: by output stride.
        low_level: end points that serve a decoder, by stride.
    """

    genotype: str
    levels: Mapping[int, tuple[int, ...]]
    low_level: Mapping[int, str]


_SEARCHED = (0, 0, 0, 1, 2, 1, 2, 2, 3, 3, 2, 1)

VARIANTS = {
    "nas_pnasnet": Variant(
        "pnasnet",
        {8: (1,) * 12, 16: (1,) * 4 + (2,) * 8, 32: (1,) * 4 + (2,) * 4 + (3,) * 4},
        {4: "Stem", 8: "Cell_3", 16: "Cell_7"},
    ),
    # The searched levels end at stride 8; only the classification head can go further.
    "nas_hnasnet": Variant(
        "hnasnet", dict.fromkeys(OUTPUT_STRIDES, _SEARCHED), {4: "Cell_2", 8: "Cell_5", 16: "Cell_7"}
    ),
}


@dataclasses.dataclass(frozen=True)
class CellPlan:
    """The arguments of a `Cell` that follow from its level and its neighbours'."""

    filters: int
    stride: int
    doubled: bool
    project_previous: bool


def plan_cells(
    genotype: str, levels: tuple[int, ...], stem_filters: int, remove_os32_stride: bool = False
) -> tuple[CellPlan, ...]:
    """How each cell runs: filters double with each level, strides and resizing follow its rise and fall.

    Args:
        genotype: key of `GENOTYPES`.
        levels: of the cells.
        stem_filters: filters of a cell at level 0.
        remove_os32_stride: whether cells of level 3 stay at stride 16.
    """
    rows = []
    channels = [filters for filters, _ in STEM[1:]]
    for before, level in zip((0, *levels), levels, strict=False):
        resized = not (remove_os32_stride and DEEPEST in (before, level))
        filters = stem_filters * 2**level
        rows.append(
            CellPlan(
                filters,
                stride=2 if resized and level > before else 1,
                doubled=resized and level < before,
                project_previous=channels[-2] != filters,
            )
        )
        channels.append(len(GENOTYPES[genotype]) * filters)
    return tuple(rows)


def plan_head(stride: int, output_stride: int) -> tuple[tuple[int, int, int], ...]:
    """The convolutions that lead from a backbone at `stride` to the classification head.

    Returns:
        (nominal stride, stride, atrous rate) of each; the rate grows where `output_stride` forbids the stride.

    Raises:
        InputError: `output_stride` is no multiple of `stride`, or beyond it.
    """
    legal = tuple(target for target in OUTPUT_STRIDES if target % stride == 0)
    if output_stride not in legal:
        raise InputError(
            f"output_stride is {output_stride}, but the cells end at stride {stride}: with the classification head, "
            f"legal are {', '.join(map(str, legal))}"
        )
    rows = []
    rate = 1
    while stride < OUTPUT_STRIDES[-1]:
        strided = stride < output_stride
        stride *= 2
        rate *= 1 if strided else 2
        rows.append((stride, 2 if strided else 1, rate))
    return tuple(rows)


def keep_probability(cell: int, cells: int, keep: float, progress: Any) -> Any:
    """With what probability the operations of a cell are kept: falls with depth, and from 1 over the training.

    Args:
        cell: index of the cell.
        cells: number of cells.
        keep: probability of the last cell at the end.
        progress: share of the training that is done, a number or a scalar tensor; above 1 counts as 1.
    """
    return 1.0 - ops.minimum(1.0, ops.cast(progress, "float32")) * ((cell + 1) / cells * (1.0 - keep))
