"""Counts against those made on the original TF1 graph, and against a network that really ran."""

import json
import math
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from deeplab_tf2 import DeepLab
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.models.complexity import CONVOLUTIONS, Meter, complexity
from deeplab_tf2.presets import LITE_R_ASPP

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ModelConfig(num_classes=4, depth_multiplier=0.35, aspp_convs_filters=16, decoder_filters=16)
VOC, CITYSCAPES = (513, 513), (1025, 2049)
PLAIN = {"decoder_output_stride": (), "atrous_rates": ()}
FULL = {"aspp_with_separable_conv": False, "decoder_use_separable_conv": False}
BETA_50 = {"model_variant": "resnet_v1_50_beta", "multi_grid": (1, 2, 4)}
BETA_101 = {"model_variant": "resnet_v1_101_beta", "multi_grid": (1, 2, 4)}
LITE = {"num_classes": 19, **LITE_R_ASPP}
# Rate and input of the five convolutions.
CELL = [
    {"op": "conv", "kernel": 3, "rate": rate, "input": source}
    for rate, source in (([1, 6], -1), ([18, 15], 0), ([6, 3], 1), ([1, 1], 0), ([6, 21], 0))
]

# Settings, size, exact and published count in 10^9, trainable and all parameters.
COUNTS = [
    ({"model_variant": "xception_41", "output_stride": 8}, VOC, 122.447, 122.630, 28_108_661, 28_241_573),
    ({"model_variant": "xception_65", **FULL}, VOC, 86.679, 89.759, 54_711_461, 54_900_853),
    (
        {
            "model_variant": "xception_71",
            "dense_prediction_cell_json": json.dumps(CELL),
            "num_classes": 19,
        },
        CITYSCAPES,
        *(501.815, 502.040, 41_608_523, 41_818_955),
    ),
    (PLAIN, VOC, 2.741, 2.749, 2_113_557, 2_146_645),
    ({**PLAIN, "add_image_level_feature": False}, VOC, 2.669, 2.677, 1_965_589, 1_998_165),
    ({**PLAIN, "depth_multiplier": 0.5}, VOC, 0.867, 0.871, 697_013, 714_325),
    ({**PLAIN, "depth_multiplier": 0.5, "divisible_by": 8}, VOC, 0.910, 0.914, 700_245, 717_765),
    ({**PLAIN, "num_classes": 19}, CITYSCAPES, 21.233, 21.257, 2_113_043, 2_146_131),
    ({}, VOC, 5.900, 5.912, 2_725_573, 2_764_357),
    ({"model_variant": "mobilenet_v3_large_seg", **LITE}, CITYSCAPES, 7.583, 7.713, 1_507_198, 1_525_230),
    ({"model_variant": "mobilenet_v3_small_seg", **LITE}, CITYSCAPES, 1.964, 2.031, 468_830, 477_454),
    ({**BETA_50, "output_stride": 8}, VOC, 122.043, 131.012, 26_819_909, 26_891_013),
    (BETA_101, VOC, 65.168, 67.182, 45_812_037, 45_935_365),
    ({**BETA_101, **FULL, "decoder_output_stride": ()}, VOC, 76.052, 81.017, 58_164_437, 58_273_237),
]


@pytest.mark.parametrize(("settings", "size", "exact", "published", "trainable", "parameters"), COUNTS)
def test_counts_of_the_original_graph(settings, size, exact, published, trainable, parameters):
    total = complexity(ModelConfig(**settings), *size).total
    assert round(total.exact / 1e9, 3) == exact
    # The count leaves out what MobileNetV3 has most of for its size.
    assert total.published / 1e9 == pytest.approx(published, rel=3e-3 if "v3" in str(settings) else 6e-4)
    assert (total.trainable, total.parameters) == (trainable, parameters)


@pytest.mark.slow
def test_the_exact_count_is_that_of_a_network_that_ran():
    """Cells halve, double, pad explicitly and fuse separable convolutions."""
    config = SMALL.replace(model_variant="nas_hnasnet", nas_stem_output_num_conv_filters=4)
    network, counts = DeepLab(config), []

    def recording(layer, call):
        def recorded(inputs):
            outputs = call(inputs)
            counts.extend(math.prod(w.shape) * math.prod(outputs.shape[1:3]) for w in layer.weights if w.ndim == 4)
            return outputs

        return recorded

    for layer in network._flatten_layers():
        if isinstance(layer, CONVOLUTIONS):
            layer.call = recording(layer, layer.call)
    network(np.zeros((1, 32, 49, 3), np.uint8))
    total = complexity(config, 32, 49).total
    assert total.exact == sum(counts)
    assert total.parameters == network.count_params()


def test_scales_and_mirror_images_add_up_but_for_the_weights():
    meter = Meter(SMALL)
    once = [meter.count(*size).total for size in ((49, 65), (25, 33))]
    both = meter.count(49, 65, scales=(1.0, 0.5)).total
    flipped = meter.count(49, 65, scales=(1.0, 0.5), flip=True).total
    weights = 2 * both.published - flipped.published
    kernels = sum(math.prod(w.shape) for w in meter.network.weights if len(w.shape) == 4)
    assert both.exact == sum(total.exact for total in once) and flipped.exact == 2 * both.exact
    assert weights == pytest.approx(2.5 * kernels, abs=8)
    assert both.published == pytest.approx(sum(total.published for total in once) - weights, abs=8)
    assert both.parameters == once[0].parameters
    pyramid = complexity(SMALL.replace(image_pyramid=(1.0, 0.5)), 49, 65)
    assert pyramid.total == both


def test_parts_are_those_that_the_network_has():
    def exact(**settings):
        return {part.name: part.exact for part in complexity(SMALL.replace(**settings), 33, 33).parts}

    whole = exact()
    assert list(whole) == ["backbone", "aspp", "decoder", "logits"] and whole["logits"] == 9 * 9 * 16 * 4
    assert list(exact(aspp_with_batch_norm=False, decoder_output_stride=())) == ["backbone", "logits"]
    assert list(exact(decoder_output_is_logits=True, decoder_filters=4)) == ["backbone", "aspp", "decoder"]


def test_weights_never_get_values():
    weights = Meter(SMALL).network.weights
    with keras.StatelessScope():
        pass
    assert all(weight._value is None for weight in weights)


def test_a_size_below_one_pixel_is_refused():
    with pytest.raises(InputError, match="the image is 0 x 33 pixels"):
        complexity(SMALL, 0, 33)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_every_backend_counts_alike(backend):
    python = os.environ.get(f"DEEPLAB_TF2_{backend.upper()}_PYTHON")
    if not python:
        pytest.skip(f"set DEEPLAB_TF2_{backend.upper()}_PYTHON to the Python of an environment with {backend}")
    code = "from deeplab_tf2.config import ModelConfig as C\nfrom deeplab_tf2.models.complexity import complexity\n"
    code += "print(complexity(C(), 65, 48).total)"
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run([python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.stdout.strip() == str(complexity(ModelConfig(), 65, 48).total), (sys.executable, result.stderr)
