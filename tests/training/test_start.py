"""How a run begins: what is refused before anything is made, and what its network is filled with."""

import numpy as np
import pytest
import tensorflow as tf
from watched import small

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.training.start import batches, started


def begin(config):
    lines = []
    return *started(config, load_descriptor(config.data.dataset_dir), tf.distribute.get_strategy(), lines.append), lines


def test_a_run_begins_where_the_one_before_ended(watched_run):
    model, first, state, lines = begin(watched_run.config)
    assert first == 8 and "Progress" in state and any("resumed" in line for line in lines)
    for mine, theirs in zip(model.get_weights(), watched_run.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    # The step after those done, from its own place in the stream.
    dataset = batches(watched_run.config, load_descriptor(watched_run.folder), model, tf.distribute.get_strategy(), 8)
    images, labels = next(iter(dataset))
    assert images.shape == (2, 33, 33, 3) and labels.shape == (2, 33, 33)


def test_bad_records_are_found_before_the_network_is_made(sample_records, tmp_path):
    descriptor = load_descriptor(sample_records)
    fewer = descriptor.replace(class_names=descriptor.class_names[:3], colors=descriptor.colors[:3], splits={})
    config = small(sample_records, tmp_path / "run", run={"validation_split": "none"})
    with pytest.raises(InputError, match="cannot be trained on:\n  the mask of sample_"):
        started(config, fewer, tf.distribute.get_strategy(), print)
    assert not (tmp_path / "run").exists()
