"""The command compare: finds evaluations, names them, and tells what differs."""

import json
import pathlib

import pytest

from deeplab_tf2.cli import binding, compare
from deeplab_tf2.config import InputError


def run(*argv):
    compare.command(binding.parse(argv, (compare.CompareConfig,)))


def scores(path, miou, **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    classes = [{"name": "cat", "iou": miou, "truth_pixels": 10}, {"name": "dog", "iou": None, "truth_pixels": 0}]
    path.write_text(json.dumps({"split": "val", "miou": miou, "classes": classes} | more))
    return path


@pytest.fixture
def runs(tmp_path):
    scores(tmp_path / "runs/small/eval/val_scores.json", 0.5, step=10)
    scores(tmp_path / "runs/large/eval/val_scores.json", 0.75, step=20)
    return tmp_path / "runs"


def test_two_runs_stand_side_by_side(runs, capsys):
    run(f"--evaluations={runs}/small,{runs}/large")
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["small", "large", "change"]
    assert [line.split() for line in lines[:3]] == [
        ["mIoU", "0.5000", "0.7500", "+0.2500"],
        ["IoU", "cat", "0.5000", "0.7500", "+0.2500"],
        ["IoU", "dog", "-", "-", "-"],
    ]
    page = runs / "large/eval/comparison.html"
    assert lines[3:] == ["", "step: 10 | 20", f"page: {page}"]
    assert "<h1>Comparison of small and large</h1>" in page.read_text()


def test_names_output_and_cautions(runs, capsys):
    other = scores(runs / "other.json", 0.25, classes=[{"name": "cat", "iou": 0.25, "truth_pixels": 11}])
    run(
        f"--evaluations={runs}/small/eval,{runs}/large",
        f"--evaluations={other}",
        "--names=a,b,c",
        f"--output={runs}/x.html",
    )
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["a", "b", "c", "2", "-", "1", "3", "-", "1"]
    assert "caution: c has other classes than a." in out and f"page: {runs}/x.html" in out


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["/r/a/eval/val_scores.json", "/r/b/eval/val_scores.json"], ["a", "b"]),
        (["/r/a/eval/val_scores.json", "/r/a/eval_crf/val_scores.json"], ["eval", "eval_crf"]),
        (["/r/a/eval/val_scores.json", "/r/a/eval/test_scores.json"], ["val", "test"]),
        (["/r/a/eval/val_scores.json", "/q/b/eval/val_scores.json"], ["r/a", "q/b"]),
        (["/r/val_scores.json", "/r/val_scores.json"], ["1: val", "2: val"]),
    ],
)
def test_paths_are_told_apart(paths, names):
    assert compare.told_apart(paths) == names


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--evaluations={runs}/small", "give two or more"),
        ("--evaluations={runs}/small,{runs}/large --names=a", "2 evaluations, but 1 names"),
        ("--evaluations={runs}/small,{runs}/large --names=a,a", "they must differ"),
        ("--evaluations={runs}/small,{runs}", r"runs holds no evaluation \(\*_scores.json\): run eval.py first"),
        ("--evaluations={runs}/small,{runs}/none.json", "none.json"),
        ("--evaluations={runs}/small,{runs}/large --output={runs}/no/x.html", "say --output=FILE.html"),
    ],
)
def test_mistakes_are_told(runs, flags, message):
    with pytest.raises(InputError, match=message):
        run(*flags.format(runs=runs).split())


def test_two_splits_must_be_told_apart_by_the_user(runs):
    scores(runs / "small/eval/test_scores.json", 0.5)
    with pytest.raises(InputError, match="several evaluations: name one, test_scores.json, val_scores.json"):
        compare.scores_file(str(runs / "small"))
    assert pathlib.Path(compare.scores_file(str(runs / "large"))).name == "val_scores.json"
