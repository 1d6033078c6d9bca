"""The plan of strides and rates against rows written by hand."""

import pytest

from deeplab_tf2.models import xception
from deeplab_tf2.models.plan import plan


def xception_plan(variant, output_stride):
    rows = [block for block in xception.VARIANTS[variant] for _ in range(block.units)]
    return list(plan([block.stride for block in rows], output_stride // 2))


def runs(pairs):
    """Consecutive equal pairs counted: [(pair, how many), ...]."""
    out = []
    for pair in pairs:
        if out and out[-1][0] == pair:
            out[-1][1] += 1
        else:
            out.append([pair, 1])
    return [tuple(entry) for entry in out]


@pytest.mark.parametrize(
    ("variant", "output_stride", "expected"),
    [
        ("xception_65", 32, [((2, 1), 3), ((1, 1), 16), ((2, 1), 1), ((1, 1), 1)]),
        ("xception_65", 16, [((2, 1), 3), ((1, 1), 17), ((1, 2), 1)]),
        ("xception_65", 8, [((2, 1), 2), ((1, 1), 1), ((1, 2), 17), ((1, 4), 1)]),
        ("xception_41", 8, [((2, 1), 2), ((1, 1), 1), ((1, 2), 9), ((1, 4), 1)]),
        (
            "xception_71",
            8,
            [((2, 1), 1), ((1, 1), 1), ((2, 1), 1), ((1, 1), 2), ((1, 2), 17), ((1, 4), 1)],
        ),
    ],
)
def test_xception(variant, output_stride, expected):
    assert runs(xception_plan(variant, output_stride)) == expected


def test_unreachable_stride_is_refused():
    with pytest.raises(ValueError, match="reach output stride 8, not 32"):
        plan((2, 2, 2), 32)
