"""ResNet v1: published parameter counts, where strides and rates stand, decoder features, atrous consistency."""

import json

import keras
import numpy as np
import pytest
from test_xception import alive

from deeplab_tf2.config import InputError
from deeplab_tf2.models.resnet_v1 import VARIANTS, ResidualUnit, ResNetV1


@pytest.mark.parametrize(
    ("variant", "trainable", "total"),
    [
        # The published networks without their 1000 classes: 11,689,512, 25,557,032 and 44,549,160 parameters with them.
        ("resnet_v1_18", 11_176_512, 11_186_112),
        ("resnet_v1_50", 23_508_032, 23_561_152),
        ("resnet_v1_101", 42_500_160, 42_605_504),
        # The official variables.
        ("resnet_v1_18_beta", 11_158_192, 11_167_920),
        ("resnet_v1_50_beta", 23_631_808, 23_685_312),
        ("resnet_v1_101_beta", 42_623_936, 42_729_664),
    ],
)
def test_published_parameter_counts(variant, trainable, total):
    layer = ResNetV1(variant)
    layer(keras.KerasTensor((None, 65, 65, 3)))
    assert sum(int(np.prod(weight.shape)) for weight in layer.trainable_weights) == trainable
    assert layer.count_params() == total


@pytest.mark.parametrize(
    ("variant", "size", "output_stride", "sides"),
    [
        ("resnet_v1_50_beta", 224, 32, (56, 28, 14, 7)),
        ("resnet_v1_50_beta", 321, 32, (81, 41, 21, 11)),
        ("resnet_v1_50", 321, 8, (81, 41, 41, 41)),
        ("resnet_v1_18_beta", 321, 16, (81, 41, 21, 21)),
        ("resnet_v1_18", None, 16, (None,) * 4),
    ],
)
def test_feature_sizes(variant, size, output_stride, sides):
    layer = ResNetV1(variant, output_stride)
    depths = [block.depth for block in VARIANTS[variant].blocks]
    keys = ("low_level_4", "low_level_8", "low_level_16", "backbone")
    outputs = layer(keras.KerasTensor((None, size, size, 3)))
    assert {key: value.shape for key, value in outputs.items()} == {
        key: (None, side, side, depth) for key, side, depth in zip(keys, sides, depths, strict=True)
    }


@pytest.mark.parametrize(
    ("variant", "output_stride", "multi_grid", "strided", "rates"),
    [
        ("resnet_v1_50_beta", 32, None, {3, 7, 13}, [1] * 16),
        ("resnet_v1_50_beta", 16, (1, 2, 4), {3, 7}, [1] * 13 + [2, 4, 8]),
        ("resnet_v1_50", 8, (1, 2, 1), {3}, [1] * 7 + [2] * 6 + [4, 8, 4]),
        ("resnet_v1_101", 8, None, {3}, [1] * 7 + [2] * 23 + [4] * 3),
        ("resnet_v1_18", 32, (1, 2), {2, 4, 6}, [1] * 7 + [2]),
        ("resnet_v1_18_beta", 8, (1, 2), {2}, [1] * 4 + [2] * 2 + [4, 8]),
    ],
)
def test_the_last_unit_of_a_block_has_its_stride_and_the_next_unit_its_rate(
    variant, output_stride, multi_grid, strided, rates
):
    units = ResNetV1(variant, output_stride, multi_grid).units
    assert {number for number, unit in enumerate(units, start=1) if unit.stride == 2} == strided
    for unit, rate in zip(units, rates, strict=True):
        wide = [conv.conv for conv in unit.convs if conv.conv.kernel_size == (3, 3)]
        assert [conv.dilation_rate for conv in wide] == [(rate, rate)] * len(wide)
        assert wide[-1].strides == (unit.stride, unit.stride)


@pytest.mark.parametrize(
    ("variant", "multi_grid", "size"),
    [
        ("resnet_v1_50_beta", (1, 2, 4), (64, 97)),
        ("resnet_v1_18", (1, 2), (96, 97)),
        ("resnet_v1_18_beta", (1, 2), (65, 80)),
    ],
)
def test_atrous_consistency(variant, multi_grid, size):
    """The same weights give the same features at every output stride, wherever both have one."""
    x = np.random.default_rng(0).normal(size=(1, *size, 3)).astype(np.float32)
    nominal = ResNetV1(variant, 32, multi_grid)
    nominal(keras.KerasTensor((None, *size, 3)))
    alive(nominal, gains=(0.4, 0.8))
    coarse = nominal(x)
    for output_stride in (16, 8):
        dense = ResNetV1(variant, output_stride, multi_grid)
        dense(keras.KerasTensor((None, *size, 3)))
        dense.set_weights(nominal.get_weights())
        for key, found in dense(x).items():
            want = np.array(coarse[key])
            step = max(1, (32 if key == "backbone" else int(key.split("_")[-1])) // output_stride)
            np.testing.assert_allclose(np.array(found)[:, ::step, ::step], want, atol=1e-4 * np.abs(want).max())
            assert want.std() > 0.01


def test_identity_shortcut_is_subsampled_and_the_decoder_feature_stands_before_it():
    x = np.random.default_rng(0).normal(size=(1, 6, 5, 8)).astype(np.float32)
    unit = ResidualUnit("bottleneck_v1", 8, stride=2, rate=1, project=False)
    assert np.array(unit(x)[1]).min() < 0
    unit.convs[-1].batch_norm.gamma.assign(np.zeros(8))
    outputs, residual = unit(x)
    np.testing.assert_array_equal(outputs, np.maximum(x[:, ::2, ::2], 0))
    assert np.array(residual).max() == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("resnet_v1_50_beta", 16, (1, 2)), ("multi_grid is (1, 2)", "3 rates", "1,2,4")),
        (("resnet_v1_18", 16, [1, 2, 4]), ("multi_grid is (1, 2, 4)", "2 rates", "1,2")),
        (("resnet_v1_101", 16, (1, 0, 1)), ("multi_grid is (1, 0, 1)", "1 or more")),
        (("resnet_v1_50", 6), ("output_stride is 6", "4, 8, 16, 32")),
        (("resnet_v1_34",), ("'resnet_v1_34'", "resnet_v1_18_beta")),
    ],
)
def test_refuses_what_is_not_legal(arguments, words):
    with pytest.raises(InputError) as error:
        ResNetV1(*arguments)
    assert all(word in str(error.value) for word in words)


def test_every_kernel_is_decayed_and_starts_as_he_says():
    layer = ResNetV1("resnet_v1_18_beta", weight_decay=2e-4)
    layer(keras.KerasTensor((None, 65, 65, 3)))
    kernels = [weight for weight in layer.weights if weight.name == "kernel"]
    assert [weight.path for weight in layer.weights if weight.regularizer] == [kernel.path for kernel in kernels]
    assert {float(kernel.regularizer.l2) for kernel in kernels} == {1e-4}
    for kernel in kernels[5:]:
        fan_in = np.prod(kernel.shape[:-1])
        np.testing.assert_allclose(np.std(kernel), np.sqrt(2 / fan_in), rtol=0.05)
        assert np.abs(kernel).max() < 2.3 * np.sqrt(2 / fan_in)


def test_comes_back_from_its_configuration():
    x = np.random.default_rng(0).normal(size=(1, 33, 33, 3)).astype(np.float32)
    layer = ResNetV1("resnet_v1_18_beta", 8, (1, 2), {"momentum": 0.95, "epsilon": 1e-5, "frozen": True}, 1e-4)
    outputs = layer(x)
    stored = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    again = keras.saving.deserialize_keras_object(stored)
    again(x)
    again.set_weights(layer.get_weights())
    assert again.name == "resnet_v1_18_beta"
    assert again.units[-1].convs[0].batch_norm.frozen
    for key, value in again(x).items():
        np.testing.assert_array_equal(value, outputs[key])
