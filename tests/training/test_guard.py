"""The guard: no step with a loss that is no number is saved, and its records are named."""

import math
import types

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from watched import small, watch

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import training_dataset
from deeplab_tf2.data.record_tensors import decode
from deeplab_tf2.data.records import Records
from deeplab_tf2.training.guard import Guard, check_weights, record_names


def guarded(config, steps, together=1):
    """A guard that has seen (loss, gradient norm) of some steps."""
    guard = Guard(config)
    guard.set_model(types.SimpleNamespace(optimizer=types.SimpleNamespace(iterations=0)))
    guard.on_train_begin()
    for number, (loss, norm) in enumerate(steps):
        guard.on_train_batch_end((number + 1) * together - 1, {"loss": loss, "gradient_norm": norm})
    return guard


def test_names_are_those_of_the_batch(sample_records):
    config = small(sample_records, "run", data={"train_crop_size": (97, 129), "seed": 3}).data
    config = config.replace(min_scale_factor=1.0, max_scale_factor=1.0)
    records = Records(sample_records, "train")
    descriptor = load_descriptor(sample_records)
    decoded = [decode(tf.constant(records.read(place)), descriptor) for place in range(len(records))]
    labels = {name.numpy().decode(): set(np.unique(label)) for _, label, name in decoded}
    steps = training_dataset(config, descriptor).take(7)
    for step, (_, batch) in enumerate(steps):
        names = record_names(config, step, step + 1)
        assert len(names) == 2
        for name, label in zip(names, batch.numpy(), strict=True):
            assert set(np.unique(label)) <= labels[name] | {255}


def test_names_of_several_steps_come_once(sample_records):
    config = small(sample_records, "run").data
    assert len(record_names(config, 0, 5)) == 10 == len(set(record_names(config, 0, 20)))


@pytest.mark.parametrize(
    ("loss", "norm", "told"),
    [
        (math.nan, 2.0, "the loss became nan in step 3"),
        (1.0, math.inf, "the gradient's norm became inf in step 3"),
    ],
)
def test_the_step_is_told_with_rate_and_norm(sample_records, tmp_path, loss, norm, told):
    config = small(sample_records, tmp_path / "run")
    with pytest.raises(InputError) as caught:
        guarded(config, [(1.0, 1.0), (1.5, 7.0), (loss, norm)])
    text = str(caught.value)
    names = record_names(config.data, 2, 3)
    # That of the step itself, 0.007 * (6 / 8)^0.9, not that of the next.
    assert text.startswith(told) and "learning rate 0.0054," in text and "7 in the step before" in text
    assert f"Its records: {', '.join(names)}. " in text
    assert "--base_learning_rate=0.007" in text and "--clip_gradient_norm" in text and "--slow_start_step" in text
    # Nothing was saved yet from which one could start.
    assert "--tf_initial_checkpoint" not in text


def test_steps_taken_together_are_all_told(sample_records):
    with pytest.raises(InputError, match="one of the steps 4 to 6") as caught:
        guarded(small(sample_records, "run"), [(1.0, 1.0), (math.nan, 1.0)], together=3)
    assert all(name in str(caught.value) for name in record_names(small(sample_records, "run").data, 3, 6))


def test_advice_fits_the_settings(sample_records):
    config = small(
        sample_records,
        "run",
        optimizer={"optimizer": "adam", "clip_gradient_norm": 1.0},
        machine={"precision": "mixed_float16"},
    )
    # Loss scaling finds the largest scale by such gradients.
    assert guarded(config, [(1.0, math.inf)]).good == 1
    with pytest.raises(InputError) as caught:
        guarded(config, [(math.nan, 1.0)])
    text = str(caught.value)
    assert "in step 1 (learning rate 0.001," in text
    assert "lower --adam_learning_rate=0.001, or take --precision=mixed_bfloat16, in" in text
    assert "--clip_gradient_norm" not in text and "--slow_start_step" not in text
    rates = {"learning_policy": "multi_steps", "boundaries": (3,), "boundary_learning_rates": (0.2, 0.1)}
    with pytest.raises(InputError, match="lower --boundary_learning_rates, or .* or begin slowly by --slow_start_step"):
        guarded(small(sample_records, "run", optimizer={"optimizer": "adamw", **rates}), [(math.nan, 1.0)])


def test_a_diverging_run_stops_and_its_checkpoints_are_sound(sample_records, tmp_path):
    config = small(
        sample_records,
        tmp_path / "run",
        40,
        run={"save_steps": 1, "validation_split": ""},
        optimizer={"base_learning_rate": 1e12},
        model={"weight_decay": 1.0},
    )
    with pytest.raises(InputError, match=r"(in step \d+|no finite numbers).*Its records: sample_|nothing was saved"):
        watch(config)
    for step in files.steps(config.run.train_logdir):
        with h5py.File(files.path_of(config.run.train_logdir, step)) as file:
            file.visititems(assert_finite)


def assert_finite(name, item):
    if isinstance(item, h5py.Dataset) and item.dtype.kind == "f":
        assert np.isfinite(item[()]).all(), name


def test_broken_weights_are_named():
    values = {"good": 1.0, "bad": math.nan, "worse": math.inf}
    weights = [keras.Variable(np.full(3, value, np.float32), name=name) for name, value in values.items()]
    optimizer = types.SimpleNamespace(iterations=7)
    check_weights(types.SimpleNamespace(variables=weights[:1], optimizer=optimizer))
    with pytest.raises(
        InputError, match="after step 7, 2 of 3 weights are no finite numbers any more, the first is bad"
    ):
        check_weights(types.SimpleNamespace(variables=weights, optimizer=optimizer))
