"""Checkpoints on disk: names, keeping, optimizer state, damage."""

import keras
import numpy as np
import pytest
import toys

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError


def compiled(seed):
    model = toys.tiny_model(seed)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss="mse", jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


def test_weights_and_optimizer_come_back(tmp_path):
    model, other = compiled(0), compiled(1)
    model.fit(np.ones((1, 33, 33, 3)), np.ones((1, 33, 33, 4)), verbose=0)
    path = files.save(model, str(tmp_path), 1)
    files.load(other, path, "the checkpoint")
    assert int(other.optimizer.iterations) == 1
    for one, two in zip(model.variables, other.variables, strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(model.optimizer.variables, other.optimizer.variables, strict=True):
        np.testing.assert_array_equal(one, two)
    bare = toys.tiny_model(2)
    files.load(bare, path, "the checkpoint")
    np.testing.assert_array_equal(bare.logits.kernel, model.logits.kernel)


def test_the_newest_few_are_kept_and_nothing_else_lies_about(tmp_path):
    model = toys.tiny_model()
    for step in (1, 20, 300, 4000):
        files.save(model, str(tmp_path), step, keep=2)
    assert files.steps(str(tmp_path)) == [300, 4000]
    assert files.latest(str(tmp_path)) == (4000, str(tmp_path / "model-00004000.weights.h5"))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_without_checkpoint_says_what_it_holds(tmp_path):
    (tmp_path / "events.log").write_text("")
    with pytest.raises(InputError, match=r"no checkpoint in .* \(found: events.log\)"):
        files.latest(str(tmp_path))
    with pytest.raises(InputError, match="no such folder"):
        files.latest(str(tmp_path / "nowhere"))


def test_damaged_and_foreign_files_are_refused_in_words(tmp_path):
    path = files.save(toys.tiny_model(), str(tmp_path), 1)
    with pytest.raises(InputError, match="holds another network"):
        files.load(toys.tiny_model(aspp_convs_filters=8), path, "the checkpoint")
    (tmp_path / "model-00000001.weights.h5").write_bytes(b"not hdf5")
    with pytest.raises(InputError, match="the checkpoint .* holds another network"):
        files.load(toys.tiny_model(), path, "the checkpoint")
