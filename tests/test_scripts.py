"""Every script runs in each way that users start scripts, and lists its flags."""

import importlib
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
FLAGS = {
    "train": "--train_logdir",
    "eval": "--checkpoint_dir",
    "vis": "--vis_logdir",
    "predict": "--output_dir",
    "export_model": "--export_path",
    "benchmark": "--repeats",
    "benchmark_conversion": "--scratch",
    "compare": "--evaluations",
    "complexity": "--table5",
    "convert_checkpoint": "--class_names",
    "check_dataset": "--train_crop_size",
    "build_tfrecord": "--image_folder",
    "make_sample_set": "--val_images",
    "download_and_convert": "--unpacked_dir",
    "convert_tfds": "--mask_feature",
    "eval_coco_format": "--pred_json_file",
}


def folder_of(name):
    return ROOT / ("deeplab_tf2" if (ROOT / "deeplab_tf2" / f"{name}.py").exists() else "datasets")


def ways(name):
    folder = folder_of(name)
    yield [f"{folder.name}/{name}.py"], ROOT
    # Scripts of a folder are alike.
    if name not in ("train", "build_tfrecord"):
        return
    yield [f"{name}.py"], folder
    yield [str(folder / f"{name}.py")], pathlib.Path("/")
    if folder.name == "deeplab_tf2":
        yield ["-m", f"deeplab_tf2.{name}"], ROOT


@pytest.mark.parametrize("name", FLAGS)
def test_each_way_lists_the_flags(name):
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for command, cwd in ways(name):
        result = subprocess.run(
            [sys.executable, *command, "--help"], cwd=cwd, env=environment, capture_output=True, text=True
        )
        assert FLAGS[name] in result.stdout, (command, cwd, result.stderr)
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("train", "--dataset_dir=nowhere --train_logdir=run"),
        ("eval", "--checkpoint_dir=nowhere"),
        ("vis", "--checkpoint_dir=nowhere"),
        ("predict", "--model=nowhere --images=nowhere.jpg --output_dir=masks"),
        ("export_model", "--export_path=export"),
        ("compare", "--evaluations=nowhere"),
        ("convert_checkpoint", "--tf_initial_checkpoint=nowhere"),
        ("check_dataset", "--dataset_dir=nowhere"),
        ("build_tfrecord", "--image_folder=nowhere --class_names=a,b --output_dir=records"),
        ("eval_coco_format", "--gt_json_file=nowhere"),
    ],
)
def test_what_is_missing_is_told_before_tensorflow_is_there(name, given, tmp_path):
    command = [sys.executable, "-X", "importtime", str(folder_of(name) / f"{name}.py"), *given.split()]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 2 and "error: " in result.stderr.splitlines()[-1]
    assert not re.search(r"\| +(tensorflow|keras)$", result.stderr, re.MULTILINE)


def test_console_commands_are_the_same_functions():
    text = (ROOT / "setup.py").read_text()
    commands = set(re.findall(r'"(\w+)"', re.search(r"COMMANDS = \((.*?)\n\)", text, re.DOTALL)[1]))
    assert commands == set(FLAGS)
    for name in commands:
        assert callable(importlib.import_module(f"deeplab_tf2.cli.{name}").main)


def test_the_package_imports_without_tensorflow_until_a_name_is_used():
    code = "import sys, deeplab_tf2, deeplab_tf2.data; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.stdout.split() == ["False", "False"]
