"""Checkpoints by name: the latest, the best, a step, a file."""

import keras
import pytest

from deeplab_tf2.checkpoints import choice, files
from deeplab_tf2.config import InputError


@pytest.fixture
def run(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    for step in (5, 10, 15):
        files.save(model, str(tmp_path), step)
    choice.note_best(str(tmp_path), {"step": 10, "mIoU": 0.5})
    return str(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "step"),
    [
        (None, 15),
        ("latest", 15),
        ("best", 10),
        ("5", 5),
        ("model.ckpt-5", 5),
        ("00000005", 5),
        ("model-00000005.weights.h5", 5),
    ],
)
def test_checkpoints_have_names(run, wanted, step):
    path = files.path_of(run, step)
    assert choice.choose(run, wanted) == (step, path)
    assert choice.choose(run, path) == (step, path)


def test_a_damaged_latest_is_told_and_another_refused(run):
    path = files.path_of(run, 15)
    with open(path, "r+b") as file:
        file.truncate(1000)
    lines = []
    assert choice.choose(run, "latest", lines.append) == (10, files.path_of(run, 10))
    assert len(lines) == 1 and path in lines[0]
    with pytest.raises(InputError, match=r"the checkpoint .*00015.weights.h5 is damaged"):
        choice.choose(run, "15")


@pytest.mark.parametrize("wanted", ["7", "model-00000007.weights.h5", "bets"])
def test_what_is_not_there_lists_what_is(run, wanted):
    with pytest.raises(InputError, match=r"there is no checkpoint .*the run has the steps \[5, 10, 15\]"):
        choice.choose(run, wanted)


def test_the_best_is_only_known_where_something_was_validated(run, tmp_path):
    choice.note_best(run, {"step": 7, "mIoU": 0.6})
    with pytest.raises(InputError, match=r"there is no checkpoint .*0007.weights.h5; the run has the steps"):
        choice.choose(run, "best")
    (tmp_path / "best.json").write_text("{}")
    with pytest.raises(InputError, match=r"best.json is damaged: it names no step; the run has the steps"):
        choice.choose(run, "best")
    choice.note_best(run, None)
    choice.note_best(run, None)
    with pytest.raises(InputError, match=r"nothing was validated .there is no best.json.; the run has the steps"):
        choice.choose(run, "best")
