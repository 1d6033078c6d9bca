"""The whole network: counts, sizes, strides after training, normalisation, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2 import DeepLab, ModelConfig

SMALL = ModelConfig(num_classes=4, depth_multiplier=0.35, aspp_convs_filters=16, decoder_filters=16)


def photo(*size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (1, *size, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("config", "trainable", "total"),
    [
        (ModelConfig(model_variant="xception_41"), 28_108_661, 28_241_573),
        (ModelConfig(model_variant="xception_65"), 41_055_413, 41_258_213),
        (ModelConfig(model_variant="xception_71"), 43_477_837, 43_694_413),
        (
            ModelConfig(model_variant="xception_65", decoder_output_stride=(), aspp_with_separable_conv=False),
            53_407_813,
            53_596_085,
        ),
        (ModelConfig(decoder_output_stride=(), atrous_rates=()), 2_113_557, 2_146_645),
        (ModelConfig(decoder_output_stride=(), atrous_rates=(), depth_multiplier=0.5), 697_013, 714_325),
    ],
)
def test_parameter_counts(config, trainable, total):
    model = DeepLab(config)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable
    assert sum(int(np.prod(weight.shape)) for weight in model.weights) == total


@pytest.mark.parametrize("decoder", [(4,), ()])
@pytest.mark.parametrize("output_stride", [8, 16, 32])
def test_any_input_size(output_stride, decoder):
    model = DeepLab(SMALL.replace(output_stride=output_stride, decoder_output_stride=decoder))
    for size in ((65, 65), (64, 50), (33, 97), (1, 1), (5, 2)):
        logits = model(photo(*size))
        assert logits.shape == (1, *size, 4) and logits.dtype == tf.float32
        assert np.all(np.isfinite(logits))


def test_dynamic_sizes_are_traced_once():
    model = DeepLab(SMALL)

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8)])
    def logits(images):
        return model(images)

    for size in ((65, 65), (40, 51)):
        np.testing.assert_allclose(logits(photo(*size)), model(photo(*size)), atol=1e-4)
    assert logits.experimental_get_tracing_count() == 1


def test_stride_is_chosen_after_training_on_the_same_weights():
    model = DeepLab(SMALL.replace(atrous_rates=(), add_image_level_feature=False))
    coarse = np.array(model.endpoints(photo(65, 65))["backbone"])
    dense = model.with_config(output_stride=8)
    assert dense.config.aspp_rates == () and dense.config.output_stride == 8
    features = np.array(dense.endpoints(photo(65, 65))["backbone"])
    assert features.shape[1] == 9 and coarse.shape[1] == 5
    np.testing.assert_allclose(features[:, ::2, ::2], coarse, atol=1e-5)
    np.testing.assert_array_equal(dense.logits.kernel, model.logits.kernel)


def test_the_pad_pixel_becomes_zero():
    model = DeepLab(SMALL)
    first = model.backbone.stem.conv
    seen = []
    first.call, original = (lambda x: seen.append(np.array(x)) or original(x)), first.call
    model(np.full((1, 9, 9, 3), 127.5, np.float32))
    model(np.full((1, 9, 9, 3), 255, np.uint8))
    assert np.abs(seen[0]).max() < 1e-6 and np.allclose(seen[1], 1)


def test_weight_decay_is_half_the_sum_of_squares_of_regular_kernels():
    model = DeepLab(SMALL.replace(weight_decay=0.1))
    kernels = [
        weight for weight in model.trainable_weights if weight.name == "kernel" and "depthwise/" not in weight.path
    ]
    want = 0.1 * sum((np.array(kernel) ** 2).sum() for kernel in kernels) / 2
    np.testing.assert_allclose(sum(float(loss) for loss in model.losses), want, rtol=1e-4)
    assert DeepLab(SMALL.replace(weight_decay=0.0)).losses == []


def test_batch_norm_settings_reach_every_layer():
    def norms(config):
        return [layer for layer in DeepLab(config)._flatten_layers() if "batch_norm" in layer.name]

    published = {(layer.momentum, layer.epsilon) for layer in norms(SMALL)}
    assert published == {(0.997, 1e-3), (0.9997, 1e-5)}
    changed = norms(SMALL.replace(batch_norm_decay=0.9, fine_tune_batch_norm=False))
    assert {(layer.momentum, layer.frozen) for layer in changed} == {(0.9, True)}


def test_fit_trains_in_training_mode():
    """Batch statistics and dropout are in force under `fit`, and the moving statistics follow."""
    model = DeepLab(SMALL.replace(batch_norm_decay=0.5))
    before = np.array(model.aspp.projection.batch_norm.moving_mean)
    model.compile("sgd", loss="mse", jit_compile=False)
    model.fit(np.repeat(photo(33, 33), 2, 0).astype(np.float32), np.zeros((2, 33, 33, 4)), verbose=0)
    assert np.all(np.array(model.aspp.projection.batch_norm.moving_mean) != before)


@pytest.mark.parametrize("variant", ["mobilenet_v2", "xception_41"])
def test_save_and_load_need_no_custom_objects(variant, tmp_path):
    model = DeepLab(SMALL.replace(model_variant=variant))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(photo(33, 40)), model(photo(33, 40)))
    assert again.config == model.config


def test_half_precision_gives_float32_logits():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        logits = DeepLab(SMALL)(photo(33, 33))
    finally:
        keras.config.set_dtype_policy("float32")
    assert logits.dtype == tf.float32 and np.all(np.isfinite(logits))
