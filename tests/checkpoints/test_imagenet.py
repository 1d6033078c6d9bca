"""Keras' networks in our backbones: the same features from the same weights, and clear words without a network."""

import keras
import numpy as np
import pytest
from tf1_files import variables_of

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints.imagenet import copy_backbone, load_imagenet
from deeplab_tf2.config import InputError


@pytest.fixture(scope="module")
def source():
    """A MobileNetV2 of Keras with random weights and statistics."""
    return randomised(keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, include_top=False, weights=None))


@pytest.fixture(scope="module")
def resnet():
    """A ResNet-50 of Keras with random weights, biases and statistics."""
    return randomised(keras.applications.ResNet50(include_top=False, weights=None, input_shape=(97, 97, 3)))


def randomised(model):
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "moving" in weight.name or weight.name in ("gamma", "beta", "bias"):
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


def test_a_resnet_gives_the_same_features(resnet):
    """Biases, channel order, mean pixel and epsilon are allowed for; strides sit elsewhere from the second block on."""
    model = DeepLab(ModelConfig(model_variant="resnet_v1_50"))
    line = copy_backbone(resnet, model)
    assert line.startswith("weights from ImageNet, as Keras distributes them; fresh: aspp, decoder, logits")
    images = np.random.default_rng(1).integers(0, 256, (1, 97, 97, 3)).astype(np.float32)
    features = keras.Model(resnet.input, resnet.get_layer("conv2_block2_3_bn").output)
    want = np.asarray(features(keras.applications.resnet.preprocess_input(images.copy())))
    got = np.asarray(model.endpoints(images)["low_level_4"])
    # Zeros around the image stand for two slightly different mean pixels.
    np.testing.assert_allclose(got[:, 5:-5, 5:-5], want[:, 5:-5, 5:-5], atol=1e-4 * want.std())


def test_every_weight_of_a_resnet_is_mapped_and_a_beta_root_stays(resnet):
    for variant in ("resnet_v1_50", "resnet_v1_50_beta"):
        model = DeepLab(ModelConfig(model_variant=variant))
        before = variables_of(model)
        line = copy_backbone(resnet, model)
        same = {
            name.partition("/")[2].rpartition("/")[0].removesuffix("/BatchNorm")
            for name, array in variables_of(model).items()
            if name.startswith("resnet_v1_50/") and np.array_equal(array, before[name])
        }
        unit = "block1/unit_1/bottleneck_v1"
        beta = {"conv1_1", "conv1_2", "conv1_3", f"{unit}/conv1", f"{unit}/shortcut"}
        assert same == (beta if variant.endswith("beta") else set())
        assert line.endswith("fresh too: its root") == variant.endswith("beta")


def test_other_widths_are_explained(source):
    with pytest.raises(InputError, match="set divisible_by=8"):
        copy_backbone(source, DeepLab(ModelConfig(depth_multiplier=0.35)))


def test_without_a_network_it_explains_itself(monkeypatch, tmp_path):
    def unreachable(*args, **kwargs):
        raise OSError("URL fetch failure")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.applications, "MobileNetV2", unreachable)
    told = "could not be downloaded .* copy the file mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5 "
    with pytest.raises(InputError, match=told):
        load_imagenet(DeepLab(ModelConfig()))


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (ModelConfig(model_variant="xception_41"), "there for mobilenet_v2, resnet_v1_50, .* not for xception_41"),
        (ModelConfig(depth_multiplier=0.6), "0.35, 0.5, 0.75, 1.0, 1.3, 1.4, not 0.6"),
    ],
)
def test_networks_without_such_weights_are_refused(config, told):
    with pytest.raises(InputError, match=told):
        load_imagenet(DeepLab(config))
