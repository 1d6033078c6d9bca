import os

import numpy as np
import pytest
import toys

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.export_model import OFFICIAL, ExportConfig, command
from deeplab_tf2.config import InputError, ModelConfig, Resizing
from deeplab_tf2.inference.loading import load
from deeplab_tf2.inference.predict import Network


def export(*arguments):
    return command(binding.parse(arguments, (ExportConfig, ModelConfig), OFFICIAL))


def test_an_official_command_line_writes_the_frozen_graph(tiny_run, tmp_path, capsys):
    path = tmp_path / "frozen_inference_graph.pb"
    export(
        f"--checkpoint_path={tiny_run}/model.ckpt-{toys.STEP}",
        f"--export_path={path}",
        "--model_variant=mobilenet_v2",
        "--num_classes=4",
        *(f"--atrous_rates={rate}" for rate in (12, 24, 36)),
        "--output_stride=8",
        "--crop_size=513",
        "--crop_size=513",
        "--inference_scales=1.0",
    )
    printed = capsys.readouterr().out
    assert os.listdir(tmp_path) == [path.name]
    assert f"step {toys.STEP}, output_stride=8" in printed
    assert f"ImageTensor:0 to SemanticPredictions:0 and SemanticProbabilities:0: {path}" in printed


def test_a_run_is_exported_with_the_resizing_asked_for(tiny, tiny_run, tmp_path, capsys):
    folder, graph = tmp_path / "serving" / "1", tmp_path / "graph.pb"
    export(
        f"--train_logdir={tiny_run}",
        f"--export_path={folder}",
        f"--frozen_graph={graph}",
        "--min_resize_value=30",
        "--max_resize_value=60",
    )
    image = np.random.default_rng(0).integers(0, 256, (20, 25, 3), np.uint8)
    resized = Network(tiny.model, tiny.descriptor, Resizing(30, 60)).predict(image)
    np.testing.assert_array_equal(load(folder).predict(image).labels, resized.labels)
    assert (resized.labels != tiny.predict(image).labels).any()
    assert graph.is_file()
    assert str(folder / "assets.extra" / "README.md") in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--export_path=out",), "--train_logdir is missing"),
        (("--train_logdir={run}",), "--export_path is missing: give a folder"),
        (("--train_logdir={run}", "--export_path=a.pb", "--frozen_graph=b.pb"), "both name a frozen graph"),
        (("--train_logdir={run}", "--export_path={run}"), "holds files already, and nothing is overwritten"),
        (("--train_logdir={run}", "--frozen_graph={run}/config.json"), "config.json exists"),
        (("--train_logdir={run}/..", "--export_path=out"), "is no run .config.json.*found run"),
        (
            ("--train_logdir=elsewhere", "--checkpoint_path={run}/model.ckpt-7", "--export_path=out"),
            "is not of the run --train_logdir=elsewhere",
        ),
        (("--checkpoint_path={run}/model.ckpt-8", "--export_path=out"), r"the run has the steps \[7\]"),
        (("--train_logdir={run}", "--checkpoint=8", "--export_path=out"), r"the run has the steps \[7\]"),
        (("--checkpoint_path={run}/model.ckpt-7", "--checkpoint=7", "--export_path=out"), "give one of the two"),
        (("--train_logdir={run}", "--export_path=out", "--num_classes=21"), "num_classes=21 contradicts"),
        (
            ("--train_logdir={run}", "--export_path=out", "--inference_scales=0.5,1.0"),
            "--inference_scales=0.5,1.0 is not supported",
        ),
    ],
)
def test_what_cannot_be_exported_is_told_before_anything_is_written(tiny_run, tmp_path, monkeypatch, flags, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        export(*(flag.format(run=tiny_run) for flag in flags))
    assert os.listdir(tmp_path) == []
