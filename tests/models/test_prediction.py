"""End points, probabilities and labels of a network, at one scale and at several."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from toys import tiny_model

from deeplab_tf2 import InputError, endpoints, predict_probabilities
from deeplab_tf2.models.prediction import predict

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 49, 66, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    return tiny_model()


def resized(values, size):
    return tf.raw_ops.ResizeBilinear(images=tf.cast(values, tf.float32), size=size, align_corners=True)


def by_hand(model, images):
    """Softmax of the logits at image size."""
    return np.array(tf.nn.softmax(resized(model.endpoints(images)["logits"], IMAGES.shape[1:3])))


def test_end_points_by_their_official_names(model):
    found = endpoints(model).predict(IMAGES, verbose=0)
    names = {"logits", "logits_up", "backbone", "aspp", "decoder", "low_level_4", "endpoint_layer_7/expansion_output"}
    assert names <= set(found)
    assert found["logits"].shape == (2, 13, 17, 4) and found["logits_up"].shape == (2, 49, 66, 4)
    np.testing.assert_allclose(found["logits_up"], model(IMAGES), atol=2e-3)
    assert all(value.dtype == np.float32 for value in found.values())


def test_end_points_can_be_saved(model, tmp_path):
    endpoints(model).save(tmp_path / "endpoints.keras")
    again = keras.saving.load_model(tmp_path / "endpoints.keras")
    np.testing.assert_allclose(again(IMAGES)["aspp"], model.endpoints(IMAGES)["aspp"], atol=1e-6)


def test_one_scale_is_the_softmax_at_image_size(model):
    np.testing.assert_allclose(predict_probabilities(model, IMAGES), by_hand(model, IMAGES), atol=1e-6)
    np.testing.assert_array_equal(predict(model, IMAGES)["labels"], np.argmax(model(IMAGES), -1))


def test_several_scales_and_mirror_images_are_averaged(model):
    total = np.zeros((2, 49, 66, 4))
    for size in ((25, 33), (49, 66), (85, 114)):
        for flip in (False, True):
            seen = resized(IMAGES[:, :, ::-1] if flip else IMAGES, size)
            logits = resized(model.endpoints(seen)["logits"], (13, 17) if size[0] < 85 else (22, 29))
            answer = np.array(tf.nn.softmax(resized(logits, (49, 66))))
            total += answer[:, :, ::-1] if flip else answer
    found = predict(model, IMAGES, scales=(0.5, 1.0, 1.75), flip=True)
    np.testing.assert_allclose(found["probabilities"], total / 6, atol=1e-5)
    np.testing.assert_array_equal(found["labels"], np.argmax(found["probabilities"], -1))


def test_a_mirror_image_of_one_scale(model):
    mean = (by_hand(model, IMAGES) + by_hand(model, IMAGES[:, :, ::-1])[:, :, ::-1]) / 2
    np.testing.assert_allclose(predict_probabilities(model, IMAGES, flip=True), mean, atol=1e-6)


def test_classes_of_a_mirror_image_change_places(model):
    swapped = (0, 2, 1, 3)
    other = by_hand(model, IMAGES[:, :, ::-1])[:, :, ::-1][..., swapped]
    found = predict_probabilities(model, IMAGES, flip=True, mirrored_labels=swapped)
    np.testing.assert_allclose(found, (by_hand(model, IMAGES) + other) / 2, atol=1e-6)
    plain = predict(model, IMAGES, scales=(0.75, 1.0))["probabilities"]
    unmoved = predict(model, IMAGES, scales=(0.75, 1.0), mirrored_labels=swapped)["probabilities"]
    np.testing.assert_array_equal(plain, unmoved)


def test_a_network_that_knows_left_from_right_is_right_about_mirror_images():
    """The image equals its mirror image: without the swap, left and right cancel each other."""
    model = tiny_model(decoder_filters=64)
    image = np.maximum(IMAGES[:1, :, :65], IMAGES[:1, :, 64::-1])
    truth = np.repeat([[1] * 30 + [0] * 5 + [2] * 30], 49, axis=0)
    features = np.array(model.endpoints(image)["decoder"]).reshape(-1, 64)
    wanted = 8 * np.eye(4)[truth[::4, ::4].ravel()]
    solved = np.linalg.lstsq(np.hstack([features, np.ones((len(features), 1))]), wanted, rcond=1e-5)[0]
    model.logits.set_weights([solved[:-1].reshape(1, 1, 64, 4), solved[-1]])

    def accuracy(**how):
        return (np.array(predict(model, image, **how)["labels"])[0] == truth).mean()

    assert accuracy() > 0.75
    assert accuracy(flip=True, mirrored_labels=(0, 2, 1, 3)) > 0.75
    assert accuracy(flip=True) < 0.55


@pytest.mark.parametrize("labels", [(0, 1, 2), (0, 2, 2, 3), (1, 2, 3, 4)])
def test_mirrored_labels_that_are_no_permutation_are_refused(model, labels):
    with pytest.raises(InputError, match=r"give each of 0\.\.3 once"):
        predict(model, IMAGES, flip=True, mirrored_labels=labels)


def test_labels_made_before_they_are_enlarged():
    model = tiny_model(prediction_with_upsampled_logits=False)
    logits = model.endpoints(IMAGES)["logits"]
    found = predict(model, IMAGES)
    small = tf.argmax(logits, -1, output_type=tf.int32)[..., tf.newaxis]
    labels = tf.raw_ops.ResizeNearestNeighbor(images=small, size=(49, 66), align_corners=True)[..., 0]
    np.testing.assert_array_equal(found["labels"], labels)
    np.testing.assert_allclose(found["probabilities"], resized(tf.nn.softmax(logits), (49, 66)), atol=1e-6)
    np.testing.assert_allclose(np.sum(found["probabilities"], -1), 1, atol=1e-5)


@pytest.mark.parametrize(("method", "merge"), [("max", np.max), ("avg", np.mean)])
def test_an_image_pyramid_merges_logits(method, merge):
    model = tiny_model(image_pyramid=(1.0, 0.5, 1.5), merge_method=method)
    alone = model.with_config(image_pyramid=None)
    found = endpoints(model)(IMAGES)
    # 49 and 66 pixels at 1.5 times a quarter.
    size = (19, 25)
    each = [
        resized(alone.endpoints(resized(IMAGES, scaled))["logits"], size) for scaled in ((49, 66), (25, 33), (73, 98))
    ]
    for name, logits in zip(("logits_1.00", "logits_0.50", "logits_1.50"), each, strict=True):
        np.testing.assert_allclose(found[name], logits, atol=1e-4)
    np.testing.assert_allclose(found["logits"], merge([np.array(logits) for logits in each], axis=0), atol=1e-4)
    np.testing.assert_allclose(found["backbone"], alone.endpoints(IMAGES)["backbone"], atol=1e-5)


@pytest.mark.parametrize(
    ("images", "scales", "told"),
    [
        (IMAGES[0], (1.0,), r"shape \(49, 66, 3\)"),
        (IMAGES[..., :1], (1.0,), r"shape \(2, 49, 66, 1\)"),
        (IMAGES, (), "above 0"),
        (IMAGES, (0.0,), "above 0"),
    ],
)
def test_what_cannot_be_predicted_is_refused(model, images, scales, told):
    with pytest.raises(InputError, match=told):
        predict_probabilities(model, images, scales)


def test_unknown_sizes_are_traced_once(model):
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.uint8)])
    def traced(images):
        return predict(model, images, scales=(0.75, 1.25), flip=True)

    for images in (IMAGES, IMAGES[:, :40, :33]):
        eager = predict(model, images, scales=(0.75, 1.25), flip=True)
        np.testing.assert_allclose(traced(images)["probabilities"], eager["probabilities"], atol=1e-4)
    assert traced.experimental_get_tracing_count() == 1
