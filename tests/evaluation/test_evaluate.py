import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.evaluation.evaluate import answerer, evaluate, labeller
from deeplab_tf2.models.deeplab import DeepLab

SIZES = ((33, 49), (40, 30), (17, 17))


class Brightness(keras.Model):
    """Bright pixels are class 1, dark ones class 0; `bias` moves the border between them."""

    def __init__(self):
        super().__init__()
        self.bias = self.add_weight(shape=(), initializer="zeros", name="bias")
        self.traces = 0

    def call(self, images):
        self.traces += 1
        bright = images[..., 0] - 127.0 + self.bias
        return keras.ops.stack([-bright, bright], -1)


def batches(padding=0):
    """Pictures that are bright where the label is 1, a tenth of the truth turned and some of it ignored."""
    rng = np.random.default_rng(0)
    for height, width in SIZES:
        label = rng.integers(0, 2, (2, height, width))
        image = np.repeat(label[..., None], 3, -1) * 200.0
        label = np.where(rng.random(label.shape) < 0.1, 1 - label, label)
        label[:, :3] = 255
        space = ((0, 0), (0, padding), (0, padding))
        yield {
            "image": np.pad(image, (*space, (0, 0)), constant_values=127.5).astype(np.float32),
            "label": np.pad(label, space, constant_values=255).astype(np.int32),
        }


def test_scores_count_every_valid_pixel():
    scores = evaluate(Brightness(), batches(), 2, 255)
    assert scores.truth_pixels.sum() == sum(2 * (height - 3) * width for height, width in SIZES)
    assert scores.pixel_accuracy == pytest.approx(0.9, abs=0.02)


def test_padding_changes_nothing():
    bare, padded = (evaluate(Brightness(), batches(padding), 2, 255) for padding in (0, 7))
    np.testing.assert_array_equal(bare.iou, padded.iou)
    np.testing.assert_array_equal(bare.predicted_pixels, padded.predicted_pixels)


def test_pairs_and_dictionaries_and_tf_data_score_alike():
    pairs = [(batch["image"], batch["label"]) for batch in batches()]
    one = tf.data.Dataset.from_tensor_slices(pairs[0]).batch(1)
    assert evaluate(Brightness(), pairs, 2, 255).miou == evaluate(Brightness(), batches(), 2, 255).miou
    assert evaluate(Brightness(), one, 2, 255).miou == evaluate(Brightness(), pairs[:1], 2, 255).miou


def test_a_kept_labeller_is_traced_once_and_follows_the_weights():
    model = Brightness()
    predict = labeller(model)
    before = evaluate(predict, batches(), 2, 255)
    model.bias.assign(1000.0)
    after = evaluate(predict, batches(), 2, 255)
    assert model.traces == 1
    assert after.predicted_pixels[0] == 0 < before.predicted_pixels[0]


def test_answers_come_with_their_probability():
    model = Brightness()
    (batch, *_) = batches()
    images = batch["image"] / 100
    found = answerer(model, probabilities=True)(images)
    shares = np.exp(model(images).numpy().astype(np.float64))
    shares /= shares.sum(-1, keepdims=True)
    np.testing.assert_allclose(found["probabilities"], shares, atol=1e-6)
    np.testing.assert_allclose(found["confidence"], shares.max(-1), atol=1e-6)
    np.testing.assert_array_equal(found["labels"], shares.argmax(-1))
    assert set(answerer(model)(images)) == {"labels", "confidence"}


def test_uint8_images_are_taken():
    (batch, *_) = batches()
    scores = evaluate(Brightness(), [(batch["image"].astype(np.uint8), batch["label"])], 2, 255)
    assert scores.miou == evaluate(Brightness(), [batch], 2, 255).miou


def test_progress_counts_images():
    seen = []
    evaluate(Brightness(), batches(), 2, 255, progress=seen.append)
    assert seen == [2, 2, 2]


def test_a_split_without_masks_is_refused():
    with pytest.raises(InputError, match="no masks"):
        evaluate(Brightness(), [{"image": np.zeros((1, 9, 9, 3), np.float32)}], 2, 255)


def test_the_network_itself_at_any_size():
    model = DeepLab(ModelConfig(num_classes=2, depth_multiplier=0.1, aspp_convs_filters=8, decoder_filters=8))
    predict = labeller(model)
    for batch in batches():
        logits = keras.ops.convert_to_numpy(model(batch["image"], training=False))
        # Eager and traced sums differ in the last bits, which may turn a pixel whose classes are equal.
        clear = np.abs(logits[..., 0] - logits[..., 1]) > 1e-5 * np.abs(logits).max()
        assert clear.mean() > 0.99
        np.testing.assert_array_equal(np.asarray(predict(batch["image"]))[clear], logits.argmax(-1)[clear])
    scores = evaluate(predict, batches(), 2, 255)
    assert scores.predicted_pixels.sum() == scores.truth_pixels.sum() > 0
