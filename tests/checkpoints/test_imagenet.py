"""Keras' MobileNetV2 in our backbone: the same features from the same weights, and clear words without a network."""

import keras
import numpy as np
import pytest

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.imagenet import copy_backbone, load_imagenet
from deeplab_tf2.config import InputError


@pytest.fixture(scope="module")
def source():
    """A MobileNetV2 of Keras with random weights and statistics."""
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), alpha=0.35, include_top=False, weights=None)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "moving" in weight.name or weight.name in ("gamma", "beta"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return model


def test_the_mapping_gives_the_same_features(source):
    model = DeepLab(ModelConfig(output_stride=32, depth_multiplier=0.35, divisible_by=8))
    copy_backbone(source, model)
    images = np.random.default_rng(1).integers(0, 256, (2, 96, 96, 3)).astype(np.float32)
    last = keras.Model(source.input, source.get_layer("block_16_project_BN").output)
    want = last(keras.applications.mobilenet_v2.preprocess_input(images.copy()))
    np.testing.assert_allclose(model.endpoints(images)["backbone"], want, atol=2e-4)


def test_every_weight_of_the_backbone_is_mapped(source):
    model = DeepLab(ModelConfig(depth_multiplier=0.35, divisible_by=8))
    for weight in model.backbone.weights:
        weight.assign(np.full(weight.shape, np.nan))
    copy_backbone(source, model)
    assert all(np.all(np.isfinite(weight)) for weight in model.backbone.get_weights())


def test_other_widths_are_explained(source):
    with pytest.raises(InputError, match="add --divisible_by=8"):
        copy_backbone(source, DeepLab(ModelConfig(depth_multiplier=0.35)))


def test_without_a_network_it_explains_itself(monkeypatch, tmp_path):
    def unreachable(*args, **kwargs):
        raise OSError("URL fetch failure")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.applications, "MobileNetV2", unreachable)
    with pytest.raises(InputError, match="could not be downloaded .* copy the file mobilenet_v2_weights"):
        load_imagenet(DeepLab(ModelConfig()))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (ModelConfig(model_variant="xception_41"), "there for mobilenet_v2, not for xception_41"),
        (ModelConfig(depth_multiplier=0.6), "0.35, 0.5, 0.75, 1.0, 1.3, 1.4, not 0.6"),
    ],
)
def test_networks_without_such_weights_are_refused(config, told):
    with pytest.raises(InputError, match=told):
        load_imagenet(DeepLab(config))
