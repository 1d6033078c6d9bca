"""Weights for RGB in networks for other channels: the rule, its size, and that only the first kernel changes."""

import keras
import numpy as np
import pytest
import tf1_files
import toys

from deeplab_tf2 import DeepLab, InputError, ModelConfig
from deeplab_tf2.checkpoints.importer import fill
from deeplab_tf2.checkpoints.initial import load_initial
from deeplab_tf2.checkpoints.stem import PIXEL_DEVIATION, adapted
from deeplab_tf2.checkpoints.variables import Variables

STEM = "MobilenetV2/Conv/weights"


@pytest.fixture(scope="module")
def photo_model():
    return toys.tiny_model()


@pytest.fixture(scope="module")
def arrays(photo_model):
    return tf1_files.variables_of(photo_model)


def network(photo_model, **changes):
    return DeepLab(photo_model.config.replace(**changes))


def grey_picture():
    return np.random.default_rng(3).integers(0, 256, (1, 65, 65, 1)).astype(np.float32)


@pytest.mark.parametrize("channels", [1, 2, 4, 5, 12])
@pytest.mark.parametrize("standardised", [False, True])
def test_a_grey_picture_gets_the_answer_it_had_as_rgb(photo_model, arrays, channels, standardised):
    statistics = {"channel_means": (127.5,) * channels, "channel_deviations": (PIXEL_DEVIATION,) * channels}
    model = network(photo_model, input_channels=channels, **(statistics if standardised else {}))
    told = fill(model, Variables.of(arrays, "net.ckpt"))
    assert told.endswith(f"first kernel adapted from RGB to {channels} channels")
    picture = grey_picture()
    want = keras.ops.convert_to_numpy(photo_model(np.repeat(picture, 3, -1), training=False))
    got = keras.ops.convert_to_numpy(model(np.repeat(picture, channels, -1), training=False))
    assert want.std() > 0.1
    np.testing.assert_allclose(got, want, atol=1e-3)


def test_only_the_first_kernel_changes(photo_model, arrays):
    model = network(photo_model, input_channels=5)
    fill(model, Variables.of(arrays, "net.ckpt"))
    found = tf1_files.variables_of(model)
    assert [name for name in arrays if not np.array_equal(arrays[name], found[name])] == [STEM]


def test_the_rule_for_each_number_of_channels():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 3, 8)).astype(np.float32)
    mean = (kernel[:, :, 0] + kernel[:, :, 1] + kernel[:, :, 2]) / 3
    for channels in (1, 2, 5):
        got = adapted(kernel, channels)
        assert got.shape == (3, 3, channels, 8)
        for channel in range(channels):
            np.testing.assert_allclose(got[:, :, channel], mean * 3 / channels, atol=1e-6)
    four = adapted(kernel, 4)
    np.testing.assert_allclose(four[:, :, :3], kernel * 0.75, atol=1e-6)
    np.testing.assert_allclose(four[:, :, 3], mean * 0.75, atol=1e-6)


def test_weights_that_read_brightness_in_pixels_get_the_deviation_in_pixels():
    config = ModelConfig(
        model_variant="resnet_v1_18",
        num_classes=2,
        decoder_output_stride=(),
        input_channels=2,
        channel_means=(1000.0, 5.0),
        channel_deviations=(300.0, 0.5),
    )
    source = tf1_files.variables_of(
        DeepLab(config.replace(input_channels=3, channel_means=None, channel_deviations=None))
    )
    model = DeepLab(config)
    fill(model, Variables.of(source, "net.ckpt"))
    want = adapted(source["resnet_v1_18/conv1/weights"], 2) * PIXEL_DEVIATION
    np.testing.assert_allclose(tf1_files.variables_of(model)["resnet_v1_18/conv1/weights"], want, rtol=1e-5)


def test_a_weights_file_and_a_run_of_rgb_are_adapted_too(photo_model, tiny_run, tmp_path):
    path = str(tmp_path / "photo.weights.h5")
    photo_model.save_weights(path)
    statistics = {"channel_means": (9.0, 8.0), "channel_deviations": (2.0, 1.0)}
    for start in (path, tiny_run):
        model = network(photo_model, input_channels=2, **statistics)
        assert "adapted from RGB to 2 channels" in load_initial(model, start)
        np.testing.assert_allclose(model.logits.get_weights()[0], photo_model.logits.get_weights()[0])


def test_weights_for_other_channels_are_taken_as_they_are_or_refused(photo_model, tmp_path):
    own = network(photo_model, input_channels=5)
    path = str(tmp_path / "bands.weights.h5")
    own.save_weights(path)
    again = network(photo_model, input_channels=5)
    assert "adapted" not in load_initial(again, path)
    np.testing.assert_array_equal(again.get_weights()[0], own.get_weights()[0])
    with pytest.raises(InputError, match="5"):
        load_initial(network(photo_model, input_channels=4), path)
