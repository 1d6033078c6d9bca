import math

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import constant_answer_miou
from deeplab_tf2.evaluation.confusion import ConfusionMatrix, takeover_warning

NAMES = ("background", "cat", "dog")


def slow_scores(labels, predictions, num_classes, ignore_label):
    """The definitions, pixel by pixel."""
    pairs = [(t, p) for t, p in zip(labels.ravel(), predictions.ravel(), strict=True) if t != ignore_label]
    ious, dices, precisions, recalls, weighted = [], [], [], [], 0.0
    for c in range(num_classes):
        both = sum(t == c and p == c for t, p in pairs)
        either = sum(t == c or p == c for t, p in pairs)
        true = sum(t == c for t, p in pairs)
        predicted = sum(p == c for t, p in pairs)
        ious.append(both / either if either else math.nan)
        dices.append(2 * both / (true + predicted) if either else math.nan)
        precisions.append(both / predicted if predicted else math.nan)
        recalls.append(both / true if true else math.nan)
        weighted += true / len(pairs) * both / max(either, 1)
    found, accuracies = ([value for value in values if not math.isnan(value)] for values in (ious, recalls))
    return {
        "iou": ious,
        "dice": dices,
        "precision": precisions,
        "recall": recalls,
        "mean_dice": float(np.nanmean(dices)),
        "miou": sum(found) / len(found),
        "pixel_accuracy": sum(t == p for t, p in pairs) / len(pairs),
        "mean_accuracy": sum(accuracies) / len(accuracies),
        "frequency_weighted_iou": weighted,
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("ignore_label", [255, 0, None])
def test_scores_follow_the_definitions(seed, ignore_label):
    rng = np.random.default_rng(seed)
    num_classes = int(rng.integers(2, 9))
    # The last class is often in neither: it must not enter the mean.
    labels = rng.integers(0, num_classes - seed % 2, (3, 11, 7))
    predictions = rng.integers(0, num_classes - seed % 2, labels.shape).astype(np.int32)
    labels = np.where(rng.random(labels.shape) < 0.2, ignore_label if ignore_label is not None else 0, labels)
    counted = ConfusionMatrix(num_classes, ignore_label)
    for label, prediction in zip(labels, predictions, strict=True):
        counted.update(label, prediction)
    scores = counted.scores()
    for name, expected in slow_scores(labels, predictions, num_classes, ignore_label).items():
        np.testing.assert_allclose(getattr(scores, name), expected, rtol=1e-12, err_msg=name)


def test_scores_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="the extra 'dev' is not installed")
    rng = np.random.default_rng(0)
    truth, predicted = rng.choice([0, 1, 2, 4, 255], 3000, p=[0.5, 0.2, 0.1, 0.1, 0.1]), rng.integers(0, 4, 3000)
    counted = ConfusionMatrix(6, 255)
    counted.update(truth, predicted)
    scores, pairs = counted.scores(), (truth[truth != 255], predicted[truth != 255])
    # Class 3 is only predicted, class 4 is not, and class 5 is nowhere.
    each = {"labels": range(6), "average": None, "zero_division": np.nan}
    np.testing.assert_array_equal(counted.matrix, metrics.confusion_matrix(*pairs, labels=range(6)))
    np.testing.assert_allclose(scores.iou[:5], metrics.jaccard_score(*pairs, labels=range(5), average=None))
    np.testing.assert_allclose(scores.dice, metrics.f1_score(*pairs, **each))
    np.testing.assert_allclose(scores.precision, metrics.precision_score(*pairs, **each))
    np.testing.assert_allclose(scores.recall, metrics.recall_score(*pairs, **each))
    assert scores.miou == pytest.approx(metrics.jaccard_score(*pairs, average="macro"))
    assert scores.frequency_weighted_iou == pytest.approx(metrics.jaccard_score(*pairs, average="weighted"))
    assert scores.pixel_accuracy == pytest.approx(metrics.accuracy_score(*pairs))
    with pytest.warns(UserWarning, match="y_pred contains classes not in y_true"):
        assert scores.mean_accuracy == pytest.approx(metrics.balanced_accuracy_score(*pairs))


def test_an_ignored_class_can_be_left_out_of_the_mean():
    counted = ConfusionMatrix(4, 0)
    counted.update(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 2]))
    scores = counted.scores()
    assert scores.miou == pytest.approx(0.5) and scores.miou_without(0) == pytest.approx(0.75)
    assert scores.miou_without(255) is None and scores.miou_without(None) is None


def test_matrix_is_truth_by_prediction():
    counted = ConfusionMatrix(3, 255)
    added = counted.update(np.array([0, 0, 1, 255]), np.array([1, 0, 2, 7]))
    np.testing.assert_array_equal(added, counted.matrix)
    assert counted.update(np.array([255]), np.array([0])).sum() == 0
    assert counted.matrix.dtype == np.int64
    assert counted.matrix.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0]]


def test_counts_stay_exact_beyond_what_float32_can_count():
    counted = ConfusionMatrix(2, 255)
    counted.matrix[0, 0] = 2**40
    counted.update(np.zeros(1, np.uint8), np.zeros(1, np.uint8))
    assert counted.scores().truth_pixels[0] == 2**40 + 1


def test_uint8_labels_of_many_classes_do_not_overflow():
    counted = ConfusionMatrix(200, 255)
    counted.update(np.array([199], np.uint8), np.array([198], np.uint8))
    assert counted.matrix[199, 198] == 1


def test_a_class_that_is_only_predicted_enters_the_mean_with_zero():
    counted = ConfusionMatrix(3, 255)
    counted.update(np.array([1, 1]), np.array([1, 0]))
    scores = counted.scores()
    assert scores.iou[0] == 0
    assert math.isnan(scores.iou[2])
    assert scores.miou == pytest.approx(0.25)
    assert scores.scored_classes == 2


def test_nothing_but_ignored_pixels_scores_nan():
    counted = ConfusionMatrix(3, 255)
    counted.update(np.full((4, 4), 255), np.zeros((4, 4), int))
    scores = counted.scores()
    assert math.isnan(scores.miou)
    assert math.isnan(scores.pixel_accuracy)
    assert takeover_warning(scores, NAMES) is None


def test_values_that_are_no_class_are_named():
    counted = ConfusionMatrix(3, 255)
    with pytest.raises(InputError, match=r"true label 3, 254: legal are 0\.\.2 \(255 is ignored\)"):
        counted.update(np.array([0, 3, 254, 255]), np.array([0, 0, 0, 0]))
    with pytest.raises(InputError, match="predicted class 5"):
        counted.update(np.array([0]), np.array([5]))
    with pytest.raises(InputError, match=r"\[2\].*\[1, 2\]"):
        counted.update(np.array([0, 1]), np.array([[0, 1]]))
    assert counted.matrix.sum() == 0


def test_constant_answer_scores_what_a_constant_network_scores():
    labels = np.repeat([0, 1, 2], [70, 20, 10])
    counted = ConfusionMatrix(4, 255)
    counted.update(labels, np.zeros_like(labels))
    scores = counted.scores()
    assert constant_answer_miou(scores.truth_pixels) == pytest.approx(scores.miou)
    assert scores.miou == pytest.approx(0.7 / 3)
    assert math.isnan(constant_answer_miou(np.zeros(3)))


def scored(truth, predicted):
    counted = ConfusionMatrix(3, 255)
    counted.update(np.repeat([0, 1, 2], truth), np.repeat([0, 1, 2], predicted))
    return counted.scores()


def test_takeover_is_told_with_its_numbers():
    text = takeover_warning(scored([800, 150, 50], [1000, 0, 0]), NAMES)
    assert "'background' covers all of the prediction, but 80.00 % of the truth" in text
    assert "mean IoU is 0.2667" in text
    assert "'background') would score 0.2667" in text
    assert "learning rate" in text
    assert "0..2" in text


def test_takeover_by_a_class_that_is_not_the_commonest_names_both():
    text = takeover_warning(scored([800, 150, 50], [2, 3, 995]), NAMES)
    assert "'dog' covers 99.50 % of the prediction, but 5.00 % of the truth" in text
    assert "'background') would score 0.2667" in text


def test_one_class_only_is_told_even_where_the_truth_is_nearly_that():
    assert "'background' covers all" in takeover_warning(scored([999, 1, 0], [1000, 0, 0]), NAMES)


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([800, 150, 50], [989, 10, 1]), ([995, 4, 1], [998, 1, 1]), ([1000, 0, 0], [1000, 0, 0])],
)
def test_a_truth_like_prediction_gives_no_warning(truth, predicted):
    assert takeover_warning(scored(truth, predicted), NAMES) is None
