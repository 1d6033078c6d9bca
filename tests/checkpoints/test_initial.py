"""Starting from another run or from a weights file."""

import numpy as np
import pytest
import toys

from deeplab_tf2 import DeepLab
from deeplab_tf2.checkpoints.initial import load_initial
from deeplab_tf2.config import InputError
from deeplab_tf2.inference.loading import load_run


def test_everything_from_a_run_of_the_same_classes(tiny_run):
    model = toys.tiny_model(seed=5)
    assert load_initial(model, tiny_run) == f"weights from {tiny_run} at step {toys.STEP}"
    for one, two in zip(model.get_weights(), load_run(tiny_run).model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_other_classes_or_a_wish_leave_the_logits_fresh(tiny_run):
    other = DeepLab(toys.tiny_model().config.replace(num_classes=9))
    fresh = np.array(other.logits.kernel)
    line = load_initial(other, tiny_run)
    assert line.endswith("fresh: logits (4 classes there, 9 here)")
    np.testing.assert_array_equal(other.logits.kernel, fresh)
    same = toys.tiny_model(seed=5)
    fresh = np.array(same.logits.kernel)
    assert load_initial(same, tiny_run, ("aspp", "decoder", "logits")).endswith("fresh: aspp, decoder, logits")
    np.testing.assert_array_equal(same.logits.kernel, fresh)
    run = load_run(tiny_run).model
    np.testing.assert_array_equal(same.backbone.stem.conv.kernel, run.backbone.stem.conv.kernel)
    assert not np.array_equal(same.aspp.projection.conv.kernel, run.aspp.projection.conv.kernel)


def test_another_network_is_named(tiny_run):
    with pytest.raises(InputError, match=r"backbone of the checkpoint is mobilenet_v2 \(depth_multiplier 0.35"):
        load_initial(toys.tiny_model(depth_multiplier=0.5), tiny_run)


def test_a_weights_file(tmp_path):
    source, model = toys.tiny_model(seed=1), toys.tiny_model(seed=2)
    source.save_weights(tmp_path / "x.weights.h5")
    fresh = np.array(model.logits.kernel)
    assert load_initial(model, str(tmp_path / "x.weights.h5"), ("logits",)).endswith("fresh: logits")
    np.testing.assert_array_equal(model.logits.kernel, fresh)
    load_initial(model, str(tmp_path / "x.weights.h5"))
    np.testing.assert_array_equal(model.logits.kernel, source.logits.kernel)
    with pytest.raises(InputError, match="neither the folder of a run nor a .weights.h5 file"):
        load_initial(model, str(tmp_path / "y.ckpt"))
