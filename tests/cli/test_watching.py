import pathlib

import pytest

from deeplab_tf2.checkpoints import files
from deeplab_tf2.cli import watching
from deeplab_tf2.cli.vis import VisConfig
from deeplab_tf2.config import InputError, OptimizerConfig, RunConfig


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A folder that a training of 40 steps has made, without checkpoints; looks into it follow each other at once."""
    monkeypatch.setattr(watching, "_PAUSE", 0.01)
    RunConfig(optimizer=OptimizerConfig(training_number_of_steps=40)).save(str(tmp_path))
    return tmp_path


def arrive(run, step):
    pathlib.Path(files.path_of(str(run), step)).touch()


def passes(run, most=0, **chosen):
    settings = {"watch": True, "eval_interval_secs": 0.0, "timeout": 0.1, **chosen}
    return watching.watched(VisConfig(checkpoint_dir=str(run), **settings), "vis", most)


def test_without_watching_the_flags_are_as_they_are():
    config = VisConfig(checkpoint_dir="nowhere", checkpoint="best", max_number_of_iterations=5)
    assert list(watching.watched(config, "vis", 5)) == [config]


def test_each_new_checkpoint_comes_once_until_the_last_step(run, capsys):
    arrive(run, 10)
    seen = []
    for chosen in passes(run):
        seen.append(chosen)
        # While a pass is on its way, several may come: the newest is next.
        if len(seen) == 1:
            arrive(run, 20)
            arrive(run, 30)
        else:
            arrive(run, 40)
    assert [chosen.checkpoint for chosen in seen] == [files.path_of(str(run), step) for step in (10, 30, 40)]
    assert [chosen.vis_logdir for chosen in seen][:2] == [f"{run}/vis/step-00000010", f"{run}/vis/step-00000030"]
    assert capsys.readouterr().err == ""


def test_it_ends_after_so_many_passes(run):
    arrive(run, 10)
    for number, chosen in enumerate(passes(run, most=2, vis_logdir=f"{run}/else"), 1):
        arrive(run, 10 * number + 10)
        assert chosen.vis_logdir == f"{run}/else/step-000000{number}0"
    assert number == 2


def test_it_ends_when_none_comes_in_time(run, capsys):
    arrive(run, 10)
    assert len(list(passes(run))) == 1
    assert f"no new checkpoint came to {run} within 0.1 seconds: watching ends" in capsys.readouterr().err


def test_a_run_that_never_begins_is_an_error(run):
    with pytest.raises(InputError, match="no checkpoint came to .* is the training on its way"):
        list(passes(run))
    arrive(run, 10)
    (run / "config.json").unlink()
    with pytest.raises(InputError, match="no checkpoint came to .* within 0.1 seconds"):
        list(passes(run))


def test_a_pass_begins_no_sooner_than_asked(run):
    arrive(run, 10)
    watched = passes(run, eval_interval_secs=0.3, timeout=30.0)
    started = watching.time.monotonic()
    next(watched)
    arrive(run, 40)
    next(watched)
    assert watching.time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"checkpoint": "best"}, "--watch looks at each new checkpoint, and --checkpoint=best at one"),
        ({"checkpoint_dir": ""}, "--checkpoint_dir is missing"),
        ({"timeout": -1.0}, "eval_interval_secs is 300.0, timeout -1.0, the number of passes 0; 0 is the least"),
    ],
)
def test_what_cannot_be_watched_is_named(chosen, message):
    config = VisConfig(**{"checkpoint_dir": "run", "watch": True, **chosen})
    with pytest.raises(InputError, match=message):
        next(watching.watched(config, "vis", 0))
