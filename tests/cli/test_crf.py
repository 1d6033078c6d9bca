"""The switch --crf: which flags it needs, and what eval says before and after."""

import json
import pathlib
import sys

import numpy as np
import pytest
from crf_case import case
from toy_run import make_records, make_run

from deeplab_tf2.cli import binding, vis
from deeplab_tf2.cli.crf import BEFORE, before_and_after, chosen_crf
from deeplab_tf2.cli.eval import EvalConfig, command, examined
from deeplab_tf2.cli.run_flags import OFFICIAL
from deeplab_tf2.cli.scored import Scored
from deeplab_tf2.config import CrfConfig, InputError, ModelConfig
from deeplab_tf2.data.catalog import Descriptor, Split
from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.evaluation.visualise import RAW, Example
from deeplab_tf2.inference.dense_crf import dense_crf
from deeplab_tf2.pictures.palettes import default_colors


def parsed(*arguments):
    return binding.parse(arguments, (EvalConfig, ModelConfig, CrfConfig), OFFICIAL)


def test_settings_of_the_crf_need_the_crf():
    assert chosen_crf(parsed()) == CrfConfig()
    assert chosen_crf(parsed("--crf", "--crf_iterations=3")) == CrfConfig(crf=True, crf_iterations=3)
    assert not chosen_crf(parsed("--nocrf", "--crf_iterations=3")).crf
    with pytest.raises(InputError, match="--crf_iterations is about the CRF, which is not in use: add --crf"):
        chosen_crf(parsed("--crf_iterations=3"))


def test_what_the_crf_needs_is_named_before_a_photo_is_segmented(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(InputError, match=r"the CRF needs the extra 'scipy': pip install 'deeplab-tf2\[scipy\]'"):
        chosen_crf(parsed("--crf"))


def test_refines_in_order_and_keeps_what_was_before():
    image, probabilities = case(20, 30)
    labels = probabilities.argmax(-1).astype(np.int32)
    examples = [Example(str(number), image, labels, labels, None, probabilities) for number in range(9)]
    pairs = list(before_and_after(iter(examples), CrfConfig(crf=True, crf_iterations=1)))
    for column in zip(*pairs, strict=True):
        assert [one.name for one in column] == [example.name for example in examples]
        assert all(one.probabilities is None for one in column)
    assert all(before.labels is labels for before, _ in pairs)
    assert (pairs[0][1].labels != labels).any()
    assert list(before_and_after(examples, CrfConfig())) == [(example,) for example in examples]


def test_scores_before_and_after_are_those_of_both_labels(tmp_path):
    made = [case(20 + number, 30) for number in range(3)]
    labels = [probabilities.argmax(-1).astype(np.int32) for _, probabilities in made]
    truths = [np.where(np.arange(30) < 3, 255, (answer + 1) % 4) for answer in labels]
    examples = [
        Example(str(number), image, answer, truth, probabilities.max(-1), probabilities)
        for number, ((image, probabilities), answer, truth) in enumerate(zip(made, labels, truths, strict=True))
    ]
    descriptor = Descriptor("areas", tuple("abcd"), default_colors(4), splits={"val": Split(3, 1)})
    config = CrfConfig(crf=True, crf_iterations=2)
    scored = Scored("areas", descriptor, "val", str(tmp_path), {"split": "val"}, iter(examples))
    before, after = examined(scored, EvalConfig(), config)
    refined = [dense_crf(image, probabilities, config).argmax(-1) for image, probabilities in made]
    for evaluation, answers in ((before, labels), (after, refined)):
        counted = ConfusionMatrix(4, 255)
        for truth, answer in zip(truths, answers, strict=True):
            counted.update(truth, answer)
        np.testing.assert_array_equal(evaluation.confusion, counted.matrix)
    assert (before.confusion != after.confusion).any()
    assert "crf" not in before.facts and after.facts["crf"]["iterations"] == 2


def test_eval_tells_both_in_one_table_and_vis_draws_what_it_scores(tmp_path, capsys):
    records = make_records(tmp_path)
    run, _ = make_run(tmp_path, records)
    command(parsed(f"--checkpoint_dir={run}", "--crf", "--crf_iterations=1"))
    printed = capsys.readouterr().out
    before, after = (
        json.loads((pathlib.Path(run) / "eval" / path).read_text())
        for path in (f"{BEFORE}/val_scores.json", "val_scores.json")
    )
    assert before["confusion"] != after["confusion"]
    assert f"{before['miou']:.4f}  {after['miou']:.4f}" in printed
    assert (pathlib.Path(run) / "eval" / "crf.html").stat().st_size > 1000
    flags = (f"--checkpoint_dir={run}", "--crf", "--crf_iterations=1", "--also_save_raw_predictions")
    vis.command(binding.parse(flags, (vis.VisConfig, ModelConfig, CrfConfig), OFFICIAL))
    saved = f"--prediction_dir={run}/vis/{RAW}"
    command(parsed(saved, f"--dataset_dir={records}", f"--eval_logdir={tmp_path}/saved"))
    assert json.loads((tmp_path / "saved" / "val_scores.json").read_text())["confusion"] == after["confusion"]
