"""Checkpoints as a run goes: when, the best, early stopping, signals."""

import functools
import json
import os
import resource
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from deeplab_tf2.checkpoints import choice, files
from deeplab_tf2.config import InputError, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.training import saver as saver_module
from deeplab_tf2.training.averaging import exchange
from deeplab_tf2.training.resuming import resume, tidy
from deeplab_tf2.training.saver import Saver
from deeplab_tf2.training.signals import StopSignals
from deeplab_tf2.training.validation import Validated, Validation


class Counter(keras.callbacks.Callback):
    """Carries the number of steps over a stop, and does something at one of them."""

    def __init__(self, at=None, what=None):
        super().__init__()
        self.count, self.at, self.what = 0, at, what

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        if self.count == self.at:
            self.what(self.model)

    def state(self):
        return {"count": self.count}

    def restore(self, state):
        self.count = state["count"]


def found(share):
    """What a validation finds that has this share of its pixels right; of no pixel where that is None."""
    matrix = ConfusionMatrix(2, None)
    if share is not None:
        matrix.update(np.zeros(100, np.int32), (np.arange(100) >= 100 * share).astype(np.int32))
    return Validated(matrix.scores(), ())


def go(folder, steps, mious=(), at=None, what=None, optimizer=keras.optimizers.SGD, ema=None, **run):
    """Trains for `steps` steps or goes on with it, with a validation every second step.

    Returns:
        The saver, the counter, the model and the lines.
    """
    run = {"save_steps": 100, "train_logdir": str(folder), **run}
    config = RunConfig(optimizer=OptimizerConfig(training_number_of_steps=steps), run=RunOptions(**run))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(optimizer(0.01, use_ema=ema is not None, ema_momentum=ema or 0.99), "mse")
    model.optimizer.build(model.trainable_variables)
    lines, values, counter = [], iter(mious), Counter(at, what)
    validation = Validation(2, steps, lambda: found(next(values)), ["a", "b"], print, dict) if mious else None
    signals = StopSignals()
    saver = Saver(config, signals, validation, [counter], lines.append)
    first = 0
    os.makedirs(folder, exist_ok=True)
    if files.steps(folder):
        first, state = resume(model, str(folder), lines.append)
        exchange(model)
        tidy(str(folder), first)
        saver.restore_all(state)
    callbacks = [each for each in (counter, validation, saver) if each]
    with signals, saver.rescuing():
        batches = tf.data.Dataset.from_tensors((np.ones((1, 1)), np.zeros((1, 1)))).repeat()
        model.fit(batches, steps_per_epoch=steps - first, verbose=0, shuffle=False, callbacks=callbacks)
    return saver, counter, model, lines


def values_of(model):
    return [*model.get_weights(), *(np.asarray(variable) for variable in model.optimizer.variables)]


def best_of(folder):
    return json.loads((folder / "best.json").read_text())


def test_every_so_many_steps_and_the_last(tmp_path):
    saver, _, _, lines = go(tmp_path, 8, save_steps=3, keep=2)
    assert lines == [] and saver.best is None
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"model-0000000{step}.weights.h5" for step in (6, 8)]


def test_the_best_is_saved_at_once_and_stays(tmp_path):
    mious = [None, 0.5, 0.25, 0.5, 0.125, 0.0]
    saver, _, _, _ = go(tmp_path, 12, mious, save_steps=6, keep=1)
    # Step 4 is neither a sixth nor the last, and the first of two that are equal.
    assert saver.best == best_of(tmp_path) == {"step": 4, "mIoU": found(0.5).scores.miou}
    assert files.steps(tmp_path) == [4, 12] and saver.waited == 4
    assert choice.choose(str(tmp_path), "best")[0] == 4
    # A run that goes on knows of it, and lets it go for a better one.
    saver, _, _, _ = go(tmp_path, 16, [0.25, 0.75], keep=1)
    assert best_of(tmp_path)["step"] == 16 and files.steps(tmp_path) == [16]


def test_the_best_that_is_noted_is_there_until_a_better_one_is_noted(tmp_path, monkeypatch):
    seen = []

    def note(folder, best):
        noted = best_of(tmp_path)["step"] if (tmp_path / "best.json").exists() else None
        seen.append((noted, files.steps(folder)))
        choice.note_best(folder, best)

    monkeypatch.setattr(saver_module, "note_best", note)
    go(tmp_path, 6, [0.25, 0.5, 0.75], keep=1)
    assert [step for step, _ in seen] == [None, 2, 4]
    assert all(step in steps for step, steps in seen[1:]) and files.steps(tmp_path) == [6]


def test_early_stopping_survives_a_stop(tmp_path):
    saver, _, _, lines = go(tmp_path, 40, [0.5, 0.25, 0.125], at=6, what=terminate, early_stopping=3)
    assert saver.waited == 2 and "at step 6 of 40" in lines[0]
    saver, _, _, lines = go(tmp_path, 40, [0.25, 1.0], early_stopping=3)
    assert len(lines) == 1 and "stopped early at step 8: 3 validations without a better mIoU than" in lines[0]
    assert files.steps(tmp_path) == [2, 6, 8] and saver.exhausted(8)
    saver, _, _, lines = go(tmp_path, 14, [0.25, 1.0, 0.25])
    assert not lines and saver.best["step"] == 12


def terminate(model):
    os.kill(os.getpid(), signal.SIGTERM)


def crash(model):
    raise RuntimeError("crashed")


@pytest.mark.parametrize(
    ("optimizer", "ema"),
    [(functools.partial(keras.optimizers.SGD, momentum=0.9), 0.9), (keras.optimizers.Adam, None)],
    ids=["momentum", "adam"],
)
def test_nothing_is_lost_by_a_crash_and_a_signal(tmp_path, optimizer, ema):
    before = signal.getsignal(signal.SIGTERM)
    settings = {"optimizer": optimizer, "ema": ema, "save_steps": 2}
    whole, counted, expected, _ = go(tmp_path / "whole", 9, **settings)
    folder = tmp_path / "part"
    with pytest.raises(RuntimeError, match="crashed"):
        go(folder, 9, at=3, what=crash, **settings)
    assert files.steps(folder) == [2] and signal.getsignal(signal.SIGTERM) is before
    stopped, _, _, lines = go(folder, 9, at=5, what=terminate, **settings)
    assert files.steps(folder) == [2, 4, 5] and stopped.signals.received == signal.SIGTERM
    assert lines == [f"SIGTERM: saved {folder} at step 5 of 9; the same command goes on from there"]
    assert signal.getsignal(signal.SIGTERM) is before
    _, counter, model, _ = go(folder, 9, **settings)
    assert counter.count == counted.count == 9
    for one, other in zip(values_of(model), values_of(expected), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_no_number_is_not_saved(tmp_path):
    def spoil(model):
        model.set_weights([np.full((1, 1), np.nan)])

    with pytest.raises(InputError, match="no finite numbers any more"):
        go(tmp_path, 4, at=3, what=spoil, save_steps=2)
    assert files.steps(tmp_path) == [2]


def test_a_full_disk_ends_the_run_and_leaves_the_older_checkpoint(tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with pytest.raises(InputError, match=r"of step 4 .* was not saved: .*step 2 is still good"):
            go(
                tmp_path,
                9,
                at=3,
                what=lambda model: resource.setrlimit(resource.RLIMIT_FSIZE, (5000, limits[1])),
                save_steps=2,
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == ["model-00000002.weights.h5"]
    assert go(tmp_path, 4)[0].step == 4


def test_a_note_of_a_best_that_was_lost_goes(tmp_path):
    go(tmp_path, 4, [0.25, 0.5], save_steps=2)
    path = files.path_of(str(tmp_path), 4)
    with open(path, "r+b") as file:
        file.truncate(500)
    _, _, _, _ = go(tmp_path, 3, save_steps=1)
    assert best_of(tmp_path)["step"] == 2


def test_a_best_that_is_gone_or_of_another_split_is_none(tmp_path):
    go(tmp_path, 6, [0.25, 0.75, 0.5], save_steps=2)
    saver, _, _, _ = go(tmp_path, 8, [0.5], validation_split="night")
    assert saver.best == best_of(tmp_path) == {"step": 8, "mIoU": found(0.5).scores.miou}
    os.remove(files.path_of(str(tmp_path), 8))
    saver, _, _, _ = go(tmp_path, 7, [], early_stopping=1)
    assert saver.best["step"] == 4 and saver.waited == 1
    os.remove(files.path_of(str(tmp_path), 4))
    saver, _, _, _ = go(tmp_path, 8, [0.25], early_stopping=1)
    assert saver.best == best_of(tmp_path) and saver.best["step"] == 8


def test_a_validation_that_fails_costs_no_step(tmp_path):
    with pytest.raises(KeyError, match="night"):
        go(tmp_path, 8, _spoilt_by(4))
    assert files.steps(tmp_path) == [2, 4]
    saver, counter, _, _ = go(tmp_path, 8, [0.5, 0.75])
    assert counter.count == 8 and saver.best["step"] == 8


def _spoilt_by(step):
    """Scores until a step that cannot be scored."""
    for _ in range(2, step, 2):
        yield 0.5
    raise KeyError("night")
