"""The whole network: counts, sizes, strides after training, normalisation, saving."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2 import DeepLab, InputError, ModelConfig
from deeplab_tf2.models.backbones import BACKBONES, MEAN_PIXEL, backbone

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
        (
            ModelConfig(
                model_variant="resnet_v1_101_beta",
                decoder_output_stride=(),
                aspp_with_separable_conv=False,
                multi_grid=(1, 2, 4),
            ),
            58_164_437,
            58_273_237,
        ),
        (
            ModelConfig(
                model_variant="resnet_v1_101_beta", aspp_with_separable_conv=False, decoder_use_separable_conv=False
            ),
            59_468_085,
            59_578_005,
        ),
    ],
)
def test_parameter_counts(config, trainable, total):
    model = DeepLab(config)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trainable
    assert sum(int(np.prod(weight.shape)) for weight in model.weights) == total


@pytest.mark.parametrize("decoder", [(4,), ()])
@pytest.mark.parametrize("output_stride", [4, 8, 16, 32])
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


@pytest.mark.parametrize(
    ("variant", "seen_white"),
    [("mobilenet_v2", 1), ("resnet_v1_18_beta", 1), ("resnet_v1_50", 255 - np.array(MEAN_PIXEL))],
)
def test_the_pad_pixel_becomes_zero(variant, seen_white):
    model = DeepLab(SMALL.replace(model_variant=variant))
    seen = []
    call, model.backbone.call = model.backbone.call, lambda images: seen.append(np.array(images)) or call(images)
    model(np.broadcast_to(np.float32(model.pad_pixel), (1, 9, 9, 3)))
    model(np.full((1, 9, 9, 3), 255, np.uint8))
    assert np.abs(seen[0]).max() < 1e-5
    np.testing.assert_allclose(seen[1][0, 4, 4], np.broadcast_to(seen_white, 3), rtol=1e-6)


@pytest.mark.parametrize("variant", ["mobilenet_v2", "resnet_v1_50"])
@pytest.mark.parametrize("channels", [1, 3, 5])
def test_images_are_standardised_by_the_statistics_of_their_channels(variant, channels):
    means = tuple(1000.0 * (channel + 1) for channel in range(channels))
    deviations = tuple(10.0 + channel for channel in range(channels))
    model = DeepLab(
        SMALL.replace(
            model_variant=variant, input_channels=channels, channel_means=means, channel_deviations=deviations
        )
    )
    seen = []
    call, model.backbone.call = model.backbone.call, lambda images: seen.append(np.array(images)) or call(images)
    images = np.random.default_rng(0).integers(0, 65536, (1, 9, 9, channels), np.uint16)
    model(images)
    model(np.broadcast_to(np.float32(model.pad_pixel), (1, 9, 9, channels)))
    np.testing.assert_allclose(seen[0], (images - np.array(means)) / np.array(deviations), rtol=1e-6, atol=1e-4)
    assert not seen[1].any()


@pytest.mark.parametrize(("variant", "seen_white"), [("mobilenet_v2", 1), ("resnet_v1_50", 255 - np.mean(MEAN_PIXEL))])
def test_other_channels_without_statistics_are_scaled_like_grey_photographs(variant, seen_white):
    model = DeepLab(SMALL.replace(model_variant=variant, input_channels=2))
    seen = []
    call, model.backbone.call = model.backbone.call, lambda images: seen.append(np.array(images)) or call(images)
    model(np.full((1, 9, 9, 2), 255, np.uint8))
    np.testing.assert_allclose(seen[0], np.full((1, 9, 9, 2), seen_white), rtol=1e-6)
    assert model.pad_pixel == (127.5, 127.5)


def test_one_backbone_is_officially_padded_off_its_mean():
    model = DeepLab(SMALL.replace(model_variant="resnet_v1_18"))
    assert model.pad_pixel == (127.5,) * 3 and model.mean_pixel == MEAN_PIXEL


HEADS = {
    "v2": {"aspp_with_batch_norm": False, "logits_kernel_size": 3, "decoder_output_stride": ()},
    "lite_r_aspp": {
        "image_pooling_crop_size": (33, 33),
        "image_pooling_stride": (1, 2),
        "atrous_rates": (),
        "aspp_with_concat_projection": False,
        "aspp_with_squeeze_and_excitation": True,
        "image_se_uses_qsigmoid": True,
        "decoder_use_sum_merge": True,
        "decoder_filters": 4,
        "decoder_output_is_logits": True,
        "decoder_output_stride": (8,),
    },
    "three_stages": {"decoder_output_stride": (16, 8, 4), "decoder_use_separable_conv": False},
    "cell": {
        "dense_prediction_cell_json": '[{"op": "conv", "kernel": 3, "rate": [1, 6], "input": -1},'
        ' {"op": "pyramid_pooling", "grid_size": [2, 2], "input": 0}]'
    },
    "bounded": {"model_variant": "xception_41", "use_bounded_activation": True},
}


@pytest.mark.parametrize("head", HEADS)
def test_every_head_at_any_size_saved_and_loaded(head, tmp_path):
    model = DeepLab(SMALL.replace(**HEADS[head]))
    for size in ((65, 65), (50, 33), (7, 1)):
        logits = np.array(model(photo(*size)))
        assert logits.shape == (1, *size, 4) and np.all(np.isfinite(logits))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again(photo(33, 40)), model(photo(33, 40)))


def test_every_head_trains():
    for options in HEADS.values():
        model = DeepLab(SMALL.replace(batch_norm_decay=0.5, **{**options, "model_variant": "mobilenet_v2"}))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(photo(33, 33), training=True) - 1.0)) + sum(model.losses)
        gradients = tape.gradient(loss, model.trainable_variables)
        assert all(gradient is not None for gradient in gradients)


def test_bounded_features_stay_bounded():
    model = DeepLab(SMALL.replace(**HEADS["bounded"]))
    for weight in model.weights:
        if weight.name == "gamma":
            weight.assign(np.full(weight.shape, 300.0))
    features = model.endpoints(photo(33, 33))
    assert max(np.abs(features[name]).max() for name in ("backbone", "low_level_4", "aspp", "decoder")) == 6
    assert np.array(features["low_level_4"]).min() == -6


def test_paths_are_dropped_more_and_more():
    model = DeepLab(
        SMALL.replace(model_variant="nas_pnasnet", nas_stem_output_num_conv_filters=4, drop_path_keep_prob=0.5)
    )
    assert model._progress() == {"progress": 1.0}
    model.compile("sgd", loss="mse", jit_compile=False)
    model.total_steps = 8
    model.optimizer.iterations.assign(2)
    assert float(model._progress()["progress"]) == 0.25
    rows = [np.array(model(photo(33, 33), training=training)) for training in (True, True, False, False)]
    assert not np.allclose(rows[0], rows[1])
    np.testing.assert_array_equal(rows[2], rows[3])
    assert DeepLab(SMALL.replace(drop_path_keep_prob=0.5))._progress() == {}


def test_a_feature_that_the_backbone_lacks_is_refused():
    with pytest.raises(InputError, match="mobilenet_edgetpu has no feature for a decoder: set it to none"):
        DeepLab(ModelConfig(model_variant="mobilenet_edgetpu"))


def test_weight_decay_is_half_the_sum_of_squares_of_regular_kernels():
    model = DeepLab(SMALL.replace(weight_decay=0.1))
    kernels = [
        weight for weight in model.trainable_weights if weight.name == "kernel" and "depthwise/" not in weight.path
    ]
    want = 0.1 * sum((np.array(kernel) ** 2).sum() for kernel in kernels) / 2
    np.testing.assert_allclose(sum(float(loss) for loss in model.losses), want, rtol=1e-4)
    assert DeepLab(SMALL.replace(weight_decay=0.0)).losses == []


def test_batch_norm_settings_reach_every_layer():
    def norms_of(part):
        return [layer for layer in part._flatten_layers() if "batch_norm" in layer.name]

    def norms(config):
        return norms_of(DeepLab(config))

    published = {(layer.momentum, layer.epsilon) for layer in norms(SMALL)}
    assert published == {(0.997, 1e-3), (0.9997, 1e-5)}
    changed = norms(SMALL.replace(batch_norm_decay=0.9, fine_tune_batch_norm=False))
    assert {(layer.momentum, layer.frozen) for layer in changed} == {(0.9, True)}
    model = DeepLab(SMALL.replace(frozen_batch_norm=("backbone",)))
    heads = {layer.frozen for layer in (model.aspp.projection.batch_norm, norms_of(model.decoder)[0])}
    assert heads == {False} and {layer.frozen for layer in norms_of(model.backbone)} == {True}


def test_fit_trains_in_training_mode():
    """Batch statistics and dropout are in force under `fit`, and the moving statistics follow."""
    model = DeepLab(SMALL.replace(batch_norm_decay=0.5))
    before = np.array(model.aspp.projection.batch_norm.moving_mean)
    model.compile("sgd", loss="mse", jit_compile=False)
    model.fit(np.repeat(photo(33, 33), 2, 0).astype(np.float32), np.zeros((2, 33, 33, 4)), verbose=0)
    assert np.all(np.array(model.aspp.projection.batch_norm.moving_mean) != before)


# One of those that are made by the same layers.
@pytest.mark.parametrize("variant", {row.make: variant for variant, row in reversed(BACKBONES.items())}.values())
def test_save_and_load_need_no_custom_objects(variant, tmp_path):
    small = {"depth_multiplier": 1.0, "nas_stem_output_num_conv_filters": 4}
    strides = backbone(variant).decoder_strides[:1]
    model = DeepLab(SMALL.replace(model_variant=variant, decoder_output_stride=strides, **small))
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
