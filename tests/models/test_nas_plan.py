"""Cells, head and drop path of the NAS backbones against hand-written rows."""

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.models.nas_plan import VARIANTS, keep_probability, plan_cells, plan_head


def rows(variant, output_stride, filters=10, **options):
    row = VARIANTS[variant]
    return plan_cells(row.genotype, row.levels[output_stride], filters, **options)


def test_searched_levels():
    plan = rows("nas_hnasnet", 16)
    assert [row.filters for row in plan] == [10, 10, 10, 20, 40, 20, 40, 40, 80, 80, 40, 20]
    assert [row.stride for row in plan] == [1, 1, 1, 2, 2, 1, 2, 1, 2, 1, 1, 1]
    assert [i for i, row in enumerate(plan) if row.doubled] == [5, 10, 11]
    assert plan == rows("nas_hnasnet", 8)


def test_removing_the_last_stride_keeps_the_filters():
    plan = rows("nas_hnasnet", 16, remove_os32_stride=True)
    assert [row.filters for row in plan] == [row.filters for row in rows("nas_hnasnet", 16)]
    assert [row.stride for row in plan] == [1, 1, 1, 2, 2, 1, 2, 1, 1, 1, 1, 1]
    assert [i for i, row in enumerate(plan) if row.doubled] == [5, 11]


@pytest.mark.parametrize(
    ("output_stride", "strided", "filters"),
    [(8, [0], [20] * 12), (16, [0, 4], [20] * 4 + [40] * 8), (32, [0, 4, 8], [20] * 4 + [40] * 4 + [80] * 4)],
)
def test_levels_by_output_stride(output_stride, strided, filters):
    plan = rows("nas_pnasnet", output_stride)
    assert [i for i, row in enumerate(plan) if row.stride == 2] == strided
    assert [row.filters for row in plan] == filters
    assert not any(row.doubled for row in plan)


def test_only_a_previous_layer_of_other_width_is_projected():
    assert [row.project_previous for row in rows("nas_pnasnet", 16, filters=32)] == [False] + [True] * 11
    assert all(row.project_previous for row in rows("nas_pnasnet", 16, filters=20))
    # A cell of 128 filters meets the 128 channels of the stem; five times as many come from a cell of level 0.
    assert [row.project_previous for row in rows("nas_hnasnet", 8, filters=128)][:3] == [True, False, True]


@pytest.mark.parametrize(
    ("stride", "output_stride", "head"),
    [
        (8, 8, ((16, 1, 2), (32, 1, 4))),
        (8, 16, ((16, 2, 1), (32, 1, 2))),
        (8, 32, ((16, 2, 1), (32, 2, 1))),
        (16, 16, ((32, 1, 2),)),
        (32, 32, ()),
    ],
)
def test_head(stride, output_stride, head):
    assert plan_head(stride, output_stride) == head


def test_a_head_cannot_go_back():
    with pytest.raises(InputError, match="output_stride is 8, but the cells end at stride 16.*legal are 16, 32"):
        plan_head(16, 8)


def test_drop_path_schedule():
    keep, cells = 0.6, 12
    for progress in (0.0, 0.25, 1.0, 3.0):
        want = [1 - min(1, progress) * (1 - (1 - (i + 1) / cells * (1 - keep))) for i in range(cells)]
        got = [float(keep_probability(i, cells, keep, progress)) for i in range(cells)]
        np.testing.assert_allclose(got, want, rtol=1e-6)
    assert float(keep_probability(11, cells, keep, np.float32(1))) == pytest.approx(0.6)
    assert float(keep_probability(5, cells, keep, 0.5)) == pytest.approx(0.9)
