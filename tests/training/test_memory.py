"""Memory: how much was taken, and advice computed from the settings of the run that did not fit."""

import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.config import DataConfig, InputError, MachineConfig, RunConfig
from deeplab_tf2.training import fit
from deeplab_tf2.training.memory import peak_bytes, too_little


def advice(batch=8, crop=(513, 513), parts=1, devices=1):
    config = RunConfig(
        data=DataConfig(train_batch_size=batch, train_crop_size=crop),
        machine=MachineConfig(gradient_accumulation_steps=parts),
    )
    return str(too_little(config, devices))


def test_advice_is_computed_from_the_settings():
    text = advice()
    assert "a step on 8 images of 513 x 513 pixels at a time did not fit" in text
    assert "--gradient_accumulation_steps=2 (the same batch, 4 images at a time" in text
    assert "--train_batch_size=4; or --train_crop_size=369,369" in text


@pytest.mark.parametrize(
    ("settings", "parts"),
    [({"batch": 8, "parts": 2}, 4), ({"batch": 9}, 3), ({"batch": 6, "parts": 3}, 6), ({"batch": 8, "devices": 4}, 2)],
)
def test_parts_divide_the_share_of_a_device(settings, parts):
    assert f"--gradient_accumulation_steps={parts} " in advice(**settings)


def test_one_image_at_a_time_cannot_be_parted():
    for settings in ({"batch": 1}, {"batch": 8, "parts": 8}, {"batch": 4, "devices": 4}):
        assert "--gradient_accumulation_steps" not in advice(**settings)
    assert "--train_batch_size" not in advice(batch=1) and "on 1 image of" in advice(batch=1)
    assert "--model_variant" in advice(batch=1, crop=(65, 65))


def test_the_peak_grows_with_what_is_taken():
    before, where = peak_bytes()
    held = np.ones(20_000_000)
    after, _ = peak_bytes()
    assert where in ("of the GPU", "of the process") and after >= before
    if where == "of the process":
        assert after > held.nbytes


@pytest.mark.parametrize("error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")])
def test_a_run_tells_both_kinds_of_it(error):
    with pytest.raises(InputError, match="out of memory: a step on 8 images"), fit.in_plain_words(RunConfig()):
        raise error
