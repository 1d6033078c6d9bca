"""What a run goes on from, and what it leaves behind."""

import os

import keras
import pytest

from deeplab_tf2.checkpoints import files
from deeplab_tf2.config import InputError
from deeplab_tf2.training.csv_log import CsvLog, rows
from deeplab_tf2.training.resuming import resume, tidy


def compiled(steps=0, optimizer=keras.optimizers.SGD):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer(0.1))
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(steps)
    return model


def test_a_run_goes_on_from_its_newest_good_checkpoint_which_is_looked_at_once(tmp_path, monkeypatch):
    for step in (2, 4):
        files.save(compiled(step), str(tmp_path), step, state={"count": step})
    os.truncate(files.path_of(str(tmp_path), 4), 300)
    model, lines, looked = compiled(), [], []
    real = files.damage
    monkeypatch.setattr(files, "damage", lambda path: looked.append(path) or real(path))
    assert resume(model, str(tmp_path), lines.append) == (2, {"count": 2})
    assert looked == [files.path_of(str(tmp_path), step) for step in (4, 2)]
    assert int(model.optimizer.iterations) == 2 and "00000004.weights.h5 is damaged" in lines[0]


def bare(path):
    keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]).save_weights(path)


def scaled(path):
    optimizer = keras.optimizers.LossScaleOptimizer
    compiled(7, lambda rate: optimizer(keras.optimizers.SGD(rate))).save_weights(path)


@pytest.mark.parametrize("write", [bare, scaled])
def test_weights_without_their_optimizer_are_refused(tmp_path, write):
    write(files.path_of(str(tmp_path), 7))
    with pytest.raises(InputError, match="has the weights of step 7, but no optimizer to go on with: .*--precision"):
        resume(compiled(), str(tmp_path), print)


def test_what_comes_after_the_step_goes_from_the_folder(tmp_path):
    for step in (2, 4):
        files.save(compiled(), str(tmp_path), step)
        for name in ("train_log.csv", "validation_log.csv"):
            CsvLog(str(tmp_path / name)).add({"step": step, "loss": 0.5})
    (tmp_path / ".model-00000006.weights.h5.123.tmp").write_bytes(b"half")
    tidy(str(tmp_path), 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "model-00000002.weights.h5", "model-00000004.weights.h5.damaged", "train_log.csv", "validation_log.csv",
    ]  # fmt: skip
    assert [row["step"] for row in rows(str(tmp_path / "train_log.csv"))] == ["2"]
    assert [row["step"] for row in rows(str(tmp_path / "validation_log.csv"))] == ["2"]
