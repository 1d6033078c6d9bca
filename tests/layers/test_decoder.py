"""The decoder: sizes, parameters, order of the merge, stages, sum merge, logits."""

import numpy as np
import pytest

from deeplab_tf2.layers import Decoder

FEATURES = np.random.default_rng(0).normal(size=(1, 3, 4, 10)).astype(np.float32)
LOW_LEVEL = np.random.default_rng(1).normal(size=(1, 9, 13, 6)).astype(np.float32)
MIDDLE = np.random.default_rng(2).normal(size=(1, 5, 7, 4)).astype(np.float32)
SIZES = [(9, 13)]


def names(layer):
    return [part.name for part in (*layer.projections, *layer.convs)]


@pytest.mark.parametrize(
    ("options", "parameters"),
    [
        ({}, 6 * 48 + 96 + (58 * 9 + 116 + 58 * 8 + 16) + (72 + 16 + 64 + 16)),
        ({"separable": False}, 6 * 48 + 96 + 58 * 72 + 16 + 592),
        ({"sum_merge": True}, 6 * 8 + 16 + (10 * 9 + 20 + 10 * 8 + 16)),
        ({"sum_merge": True, "separable": False}, 6 * 8 + 16 + 10 * 72 + 16),
        ({"sum_merge": True, "output_is_logits": True}, 6 * 8 + 8 + 10 * 8 + 8),
        ({"output_is_logits": True}, 6 * 48 + 48 + 58 * 72 + 8 + 584),
    ],
)
def test_shape_and_parameters(options, parameters):
    layer = Decoder(filters=8, **options)
    assert layer(FEATURES, [LOW_LEVEL], sizes=SIZES).shape == (1, 9, 13, 8)
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == parameters


def test_features_come_before_the_low_level_in_the_merge():
    layer = Decoder(filters=8, separable=False)
    layer(FEATURES, [LOW_LEVEL], sizes=SIZES)
    kernel = np.zeros(layer.convs[0].conv.kernel.shape, np.float32)
    kernel[:, :, 10:] = 1.0
    layer.convs[0].conv.kernel.assign(kernel)
    before = np.array(layer(FEATURES, [LOW_LEVEL], sizes=SIZES))
    np.testing.assert_array_equal(layer(FEATURES * 5, [LOW_LEVEL], sizes=SIZES), before)
    assert not np.allclose(layer(FEATURES, [LOW_LEVEL * 5], sizes=SIZES), before)


@pytest.mark.parametrize(
    ("options", "scopes"),
    [
        ({}, ["decoder_conv0", "decoder_conv1", "decoder_conv0_1", "decoder_conv1_1"]),
        (
            {"separable": False},
            [f"{stage}__{stage}_{conv}" for stage in ("decoder_conv0", "decoder_conv0_1") for conv in (1, 2)],
        ),
        ({"sum_merge": True}, ["decoder_split_sep_conv0", "decoder_split_sep_conv0_1"]),
        ({"sum_merge": True, "separable": False}, ["decoder_conv0", "decoder_conv0_1"]),
    ],
)
def test_later_stages_go_on_from_the_earlier(options, scopes):
    layer = Decoder(stages=2, filters=8, **options)
    outputs = layer(FEATURES, [MIDDLE, LOW_LEVEL], sizes=[(5, 7), (9, 13)])
    assert outputs.shape == (1, 9, 13, 8)
    assert names(layer) == ["feature_projection0", "feature_projection0_1", *scopes]
    changed = layer(FEATURES, [MIDDLE * 3, LOW_LEVEL], sizes=[(5, 7), (9, 13)])
    assert not np.allclose(outputs, changed)


def test_a_sum_of_logits_against_numpy():
    layer = Decoder(filters=3, sum_merge=True, output_is_logits=True)
    got = np.array(layer(LOW_LEVEL, [LOW_LEVEL], sizes=SIZES))
    for conv in (*layer.projections, *layer.convs):
        conv.bias.assign(np.arange(3.0))
    projection, conv = (np.array(part.kernel)[0, 0] for part in (layer.projections[0], layer.convs[0]))
    np.testing.assert_allclose(got, LOW_LEVEL @ projection + LOW_LEVEL @ conv, atol=1e-5)
    biased = np.array(layer(LOW_LEVEL, [LOW_LEVEL], sizes=SIZES))
    np.testing.assert_allclose(biased - got, np.broadcast_to(2 * np.arange(3.0), got.shape), atol=1e-5)
