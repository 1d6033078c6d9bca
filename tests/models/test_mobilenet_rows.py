"""The MobileNets' tables against tables written by hand: widths, strides, rates, additions."""

import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.models.mobilenet_rows import VARIANTS, make_divisible, plan_layers, widths

RE, HS = "relu", "hard_silu"
# kernel, inner, filters, squeezed, activation, stride
LARGE = [
    (3, 3, 16, 0, HS, 2),
    (3, 16, 16, 0, RE, 1),
    (3, 64, 24, 0, RE, 2),
    (3, 72, 24, 0, RE, 1),
    (5, 72, 40, 24, RE, 2),
    (5, 120, 40, 32, RE, 1),
    (5, 120, 40, 32, RE, 1),
    (3, 240, 80, 0, HS, 2),
    (3, 200, 80, 0, HS, 1),
    (3, 184, 80, 0, HS, 1),
    (3, 184, 80, 0, HS, 1),
    (3, 480, 112, 120, HS, 1),
    (3, 672, 112, 168, HS, 1),
    (5, 336, 80, 88, HS, 2),
    (5, 480, 80, 120, HS, 1),
    (5, 480, 80, 120, HS, 1),
    (1, 80, 480, 0, HS, 1),
]
SMALL = [
    (3, 3, 16, 0, HS, 2),
    (3, 16, 16, 8, RE, 2),
    (3, 72, 24, 0, RE, 2),
    (3, 88, 24, 0, RE, 1),
    (5, 96, 40, 24, HS, 2),
    (5, 240, 40, 64, HS, 1),
    (5, 240, 40, 64, HS, 1),
    (5, 120, 48, 32, HS, 1),
    (5, 144, 48, 40, HS, 1),
    (5, 144, 48, 40, HS, 2),
    (5, 288, 48, 72, HS, 1),
    (5, 288, 48, 72, HS, 1),
    (1, 48, 288, 0, HS, 1),
]
EDGETPU = [
    (3, 3, 32, 0, RE, 2),
    (3, 32, 16, 0, RE, 1),
    (3, 128, 32, 0, RE, 2),
    *[(3, 128, 32, 0, RE, 1)] * 3,
    (3, 256, 48, 0, RE, 2),
    *[(3, 192, 48, 0, RE, 1)] * 3,
    (3, 384, 96, 0, RE, 2),
    *[(3, 384, 96, 0, RE, 1)] * 3,
    (3, 768, 96, 0, RE, 1),
    *[(3, 384, 96, 0, RE, 1)] * 3,
    (5, 768, 160, 0, RE, 2),
    *[(5, 640, 160, 0, RE, 1)] * 3,
    (3, 1280, 192, 0, RE, 1),
    (1, 192, 1280, 0, RE, 1),
]


@pytest.mark.parametrize(
    ("variant", "table"),
    [("mobilenet_v3_large_seg", LARGE), ("mobilenet_v3_small_seg", SMALL), ("mobilenet_edgetpu", EDGETPU)],
)
def test_published_tables(variant, table):
    plan = plan_layers(variant, output_stride=32)
    columns = ("kernel_size", "inner", "filters", "squeezed", "activation", "stride")
    assert [tuple(getattr(layer, column) for column in columns) for layer in plan] == table


@pytest.mark.parametrize(
    ("multiplier", "divisible_by", "expected"),
    [
        (1.0, None, [32, 16, *[24] * 2, *[32] * 3, *[64] * 4, *[96] * 3, *[160] * 3, 320]),
        (0.5, None, [16, 8, *[12] * 2, *[16] * 3, *[32] * 4, *[48] * 3, *[80] * 3, 160]),
        (0.35, None, [11, 6, *[8] * 2, *[11] * 3, *[22] * 4, *[34] * 3, *[56] * 3, 112]),
        (0.75, None, [24, 12, *[18] * 2, *[24] * 3, *[48] * 4, *[72] * 3, *[120] * 3, 240]),
        (1.4, None, [45, 22, *[34] * 2, *[45] * 3, *[90] * 4, *[134] * 3, *[224] * 3, 448]),
        (0.5, 8, [16, 8, *[16] * 2, *[16] * 3, *[32] * 4, *[48] * 3, *[80] * 3, 160]),
        (1.0, 16, [32, 16, *[32] * 2, *[32] * 3, *[64] * 4, *[96] * 3, *[160] * 3, 320]),
    ],
)
def test_widths_of_v2(multiplier, divisible_by, expected):
    assert widths("mobilenet_v2", multiplier, divisible_by) == tuple(expected)


def test_widths_of_the_others_stay_multiples_of_8():
    plan = plan_layers("mobilenet_v3_large_seg", 0.5)
    assert [layer.filters for layer in plan] == [8, 8, 16, 16, *[24] * 3, *[40] * 4, *[56] * 2, *[40] * 3, 240]
    assert [layer.inner for layer in plan[1:9]] == [8, 32, 48, 48, 72, 72, 144, 104]
    assert min(widths("mobilenet_v3_small_seg", 0.1)) == 8
    assert widths("mobilenet_edgetpu", divisible_by=8) == widths("mobilenet_edgetpu")
    with pytest.raises(InputError, match="divisible_by is 4, .* of mobilenet_edgetpu are always multiples of 8"):
        widths("mobilenet_edgetpu", divisible_by=4)


def test_make_divisible():
    assert [make_divisible(value) for value in (3, 11, 12, 25, 18)] == [8, 16, 16, 24, 24]
    assert make_divisible(3, 16, minimum=8) == 8 and make_divisible(3, 16) == 16


@pytest.mark.parametrize(
    ("variant", "rates8", "rates16"),
    [
        ("mobilenet_v2", [1] * 8 + [2] * 7 + [4] * 3, [1] * 15 + [2] * 3),
        ("mobilenet_v3_large_seg", [1] * 8 + [2] * 6 + [4] * 2 + [1], [1] * 14 + [2] * 2 + [1]),
        ("mobilenet_v3_small_seg", [1] * 5 + [2] * 5 + [4] * 2 + [1], [1] * 10 + [2] * 2 + [1]),
        ("mobilenet_edgetpu", [1] * 11 + [2] * 8 + [4] * 4 + [1], [1] * 19 + [2] * 4 + [1]),
    ],
)
def test_rates_begin_after_the_layer_that_gives_up_its_stride(variant, rates8, rates16):
    for output_stride, rates in ((8, rates8), (16, rates16), (32, [1] * len(rates8))):
        plan = plan_layers(variant, output_stride=output_stride)
        assert [layer.rate for layer in plan] == rates
        assert 2 ** sum(layer.stride == 2 for layer in plan) == output_stride


def residuals(variant, output_stride):
    """Numbers of the layers that add their input."""
    plan = plan_layers(variant, output_stride=output_stride)
    return [number for number, layer in enumerate(plan, start=1) if layer.residual]


def test_where_the_input_is_added():
    for output_stride in (8, 16, 32):
        assert residuals("mobilenet_v2", output_stride) == [4, 6, 7, 9, 10, 11, 13, 14, 16, 17]
        edgetpu = residuals("mobilenet_edgetpu", output_stride)
        assert edgetpu == [4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22]
        assert residuals("mobilenet_v3_large_seg", output_stride) == [2, 4, 6, 7, 9, 10, 11, 13, 15, 16]
    # Layer 10 of the small network has as many outputs as inputs: without its stride, it adds them.
    assert residuals("mobilenet_v3_small_seg", 32) == [4, 6, 7, 9, 11, 12]
    assert residuals("mobilenet_v3_small_seg", 16) == [4, 6, 7, 9, 10, 11, 12]


def test_expansions():
    for variant, network in VARIANTS.items():
        plan = plan_layers(variant)
        assert [layer.expand for layer in plan[:3]] == [False, False, True]
        assert all(layer.expand for layer in plan[2:-1])
        assert len(plan) == len(network.rows)
