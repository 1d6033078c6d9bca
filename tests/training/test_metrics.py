"""The metric against the exact scores of evaluation."""

import numpy as np

from deeplab_tf2 import MeanIoU
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.confusion import ConfusionMatrix


def test_equals_the_confusion_matrix_over_several_batches():
    rng = np.random.default_rng(0)
    metric = MeanIoU(Descriptor("x", ("a", "b", "c", "d"), ((0, 0, 0),) * 4, ignore_label=9))
    exact = ConfusionMatrix(4, 9)
    for _ in range(3):
        # Class 3 occurs neither in truth nor in prediction: it is left out of the mean.
        labels = rng.choice([0, 1, 2, 9], (2, 6, 5)).astype(np.int32)
        logits = rng.normal(size=(2, 6, 5, 4)).astype(np.float32)
        logits[..., 3] = -10
        metric.update_state(labels, logits)
        exact.update(labels, logits.argmax(-1))
    np.testing.assert_allclose(metric.result(), exact.scores().miou, rtol=1e-6)
    metric.reset_state()
    assert metric.result() == 0


def test_counts_beyond_float32_stay_exact():
    metric = MeanIoU(num_classes=2)
    metric.matrix.assign(np.array([2**24, 0, 0, 0]))
    metric.update_state(np.zeros((1, 1, 1), np.int32), np.array([[[[1.0, 0.0]]]]))
    assert int(metric.matrix[0]) == 2**24 + 1


def test_configuration_rebuilds_the_metric():
    again = MeanIoU.from_config(MeanIoU(num_classes=5, ignore_label=0).get_config())
    assert (again.num_classes, again.ignore_label) == (5, 0)
