"""The MobileNets: published sizes, names, end points, order inside a block, atrous consistency."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_xception import alive

from deeplab_tf2.models.mobilenet import InvertedResidual, MobileNet
from deeplab_tf2.models.mobilenet_rows import VARIANTS

IMAGES = keras.KerasTensor((None, 97, 129, 3))


def count(weights):
    return sum(int(np.prod(weight.shape)) for weight in weights)


@pytest.mark.parametrize(
    ("variant", "trainable", "total", "sizes"),
    [
        (
            "mobilenet_v2",
            1_811_712,
            1_843_264,
            {"backbone": (7, 9, 320), "4": (25, 33, 144), "8": (13, 17, 192), "16": (7, 9, 576)},
        ),
        (
            "mobilenet_v3_large_seg",
            1_379_184,
            1_396_960,
            {"backbone": (7, 9, 480), "4": (25, 33, 72), "8": (13, 17, 120), "16": (7, 9, 672)},
        ),
        (
            "mobilenet_v3_small_seg",
            390_576,
            398_944,
            {"backbone": (7, 9, 288), "4": (25, 33, 16), "8": (13, 17, 88), "16": (7, 9, 144)},
        ),
        ("mobilenet_edgetpu", 2_810_432, 2_849_312, {"backbone": (7, 9, 1280)}),
    ],
)
def test_published_counts_and_sizes(variant, trainable, total, sizes):
    layer = MobileNet(variant)
    outputs = layer(IMAGES)
    assert (count(layer.trainable_weights), count(layer.weights)) == (trainable, total)
    found = {key.removeprefix("low_level_"): value for key, value in outputs.items() if "endpoint" not in key}
    assert {key: value.shape[1:] for key, value in found.items()} == sizes


def test_names_follow_the_official_scopes():
    layer = MobileNet("mobilenet_v3_small_seg", name="net")
    layer(IMAGES)
    blocks = [f"expanded_conv_{i}" if i else "expanded_conv" for i in range(11)]
    assert [unit.name for unit in layer.units] == ["Conv", *blocks, "Conv_1"]
    block = {weight.path.rsplit("/", 1)[0] for weight in layer.units[4].weights}
    parts = ("expand", "depthwise", "project")
    assert block == {
        *(f"net/expanded_conv_3/{part}/{leaf}" for part in parts for leaf in ("conv", "batch_norm")),
        "net/expanded_conv_3/squeeze_excite/Conv",
        "net/expanded_conv_3/squeeze_excite/Conv_1",
    }


def test_end_points():
    outputs = MobileNet("mobilenet_edgetpu")(IMAGES)
    found = {}
    for key in outputs:
        if key.startswith("endpoint_layer_"):
            number, name = key.removeprefix("endpoint_layer_").split("/")
            found.setdefault(int(number), set()).add(name)
    fused = {"expansion_output", "output"}
    assert found == {
        **dict.fromkeys((1, 2, 24), {"output"}),
        **dict.fromkeys(range(3, 11), fused),
        **dict.fromkeys(range(11, 24), {*fused, "depthwise_output"}),
    }
    assert outputs["endpoint_layer_3/expansion_output"].shape[1:] == (25, 33, 128)
    assert outputs["endpoint_layer_24/output"].shape == outputs["backbone"].shape


def test_the_decoder_sees_activated_features_before_their_gate():
    x = np.random.default_rng(0).normal(size=(1, 9, 9, 8)).astype(np.float32)
    block = InvertedResidual(3, 24, 8, "hard_silu", squeezed=8, residual=True)
    block(x)
    alive(block)
    block.squeeze_excite.excite.bias.assign(np.linspace(-6, 6, 24))
    outputs = {name: np.array(value) for name, value in block(x).items()}
    # Hard-swish has its minimum of -3/8 at -3/2.
    assert all(-0.376 < outputs[f"{name}_output"].min() < 0 for name in ("expansion", "depthwise"))
    gate = block.squeeze_excite(outputs["depthwise_output"]) / outputs["depthwise_output"]
    assert np.nanmin(gate) == 0 and np.nanmax(gate) > 0.9
    projected = block.project(outputs["depthwise_output"] * np.nan_to_num(gate))
    np.testing.assert_allclose(outputs["output"], projected + x, atol=1e-5)


# Squeeze-and-excitation sees other means at another stride, hence not MobileNetV3.
@pytest.mark.parametrize(
    ("variant", "multiplier", "size"), [("mobilenet_v2", 0.35, (65, 97)), ("mobilenet_edgetpu", 0.25, (33, 65))]
)
def test_atrous_consistency_on_aligned_sizes(variant, multiplier, size):
    x = np.random.default_rng(0).normal(size=(1, *size, 3)).astype(np.float32)
    nominal = MobileNet(variant, multiplier, output_stride=32)
    nominal(keras.KerasTensor((None, *size, 3)))
    alive(nominal)
    coarse = np.array(nominal(x)["backbone"])
    for output_stride in (16, 8):
        dense = MobileNet(variant, multiplier, output_stride=output_stride)
        dense(keras.KerasTensor((None, *size, 3)))
        dense.set_weights(nominal.get_weights())
        step = 32 // output_stride
        features = np.array(dense(x)["backbone"])[:, ::step, ::step]
        np.testing.assert_allclose(features, coarse, atol=1e-5 * np.abs(coarse).max(), rtol=1e-3)


@pytest.mark.parametrize("variant", VARIANTS)
def test_configuration_round_trip(variant):
    x = np.random.default_rng(0).normal(size=(1, 33, 40, 3)).astype(np.float32)
    layer = MobileNet(variant, 0.5, output_stride=8, batch_norm={"epsilon": 0.1}, weight_decay=0.1)
    layer(x)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    again(x)
    again.set_weights(layer.get_weights())
    assert again.name == variant and len(again.losses) == len(layer.losses) > 0
    np.testing.assert_array_equal(again(x)["backbone"], layer(x)["backbone"])


@pytest.mark.parametrize("variant", ["mobilenet_v3_small_seg", "mobilenet_edgetpu"])
def test_weight_decay_spares_depthwise_kernels_and_biases(variant):
    layer = MobileNet(variant, 0.5, weight_decay=0.1)
    layer(IMAGES)
    decayed = [
        weight for weight in layer.trainable_weights if weight.name == "kernel" and "/depthwise/" not in weight.path
    ]
    want = 0.1 / 2 * sum((np.array(kernel) ** 2).sum() for kernel in decayed)
    np.testing.assert_allclose(float(sum(layer.losses)), want, rtol=1e-4)


def test_unknown_sizes():
    layer = MobileNet("mobilenet_v3_small_seg", 0.5)
    x = np.random.default_rng(0).normal(size=(2, 50, 17, 3)).astype(np.float32)
    want = np.array(layer(x)["backbone"])
    call = tf.function(lambda images: layer(images)["backbone"], input_signature=[tf.TensorSpec([None, None, None, 3])])
    np.testing.assert_allclose(call(x), want, atol=1e-5 * np.abs(want).max())
