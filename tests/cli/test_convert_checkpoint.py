"""An official checkpoint becomes a run, on which the other commands work."""

import json
import os
import tarfile

import numpy as np
import pytest
import tf1_files
from toys import sample_records
from zoo_server import zoo_server

from deeplab_tf2 import DeepLab, ModelConfig
from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.cli import binding, convert_checkpoint, eval, export_model, predict, vis
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.samples.sample_drawing import CLASS_NAMES
from deeplab_tf2.inference.loading import load_run

SETTINGS = {"depth_multiplier": 0.35, "aspp_convs_filters": 16, "atrous_rates": (), "decoder_output_stride": ()}
CLASSES = len(CLASS_NAMES)


def run(module, configs, **flags):
    return module.command(binding.parse([f"--{name}={value}" for name, value in flags.items()], configs))


def convert(**flags):
    run(convert_checkpoint, (convert_checkpoint.ConvertConfig, ModelConfig), **flags)
    return flags["output_dir"]


@pytest.fixture(scope="module")
def source():
    return DeepLab(ModelConfig(num_classes=CLASSES, **SETTINGS))


@pytest.fixture(scope="module")
def checkpoint(source, tmp_path_factory):
    prefix = tmp_path_factory.mktemp("official") / "model.ckpt-30000"
    return tf1_files.write_checkpoint(prefix, {**tf1_files.variables_of(source), "global_step": np.int64(30_000)})


@pytest.fixture(scope="module")
def converted(checkpoint, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("runs") / "new" / "run")
    return convert(tf_initial_checkpoint=checkpoint, output_dir=folder, class_names=",".join(CLASS_NAMES))


def test_settings_are_told_from_the_variables(converted, source):
    assert sorted(os.listdir(converted)) == ["config.json", "descriptor.json", "model-00000000.weights.h5"]
    assert os.listdir(os.path.dirname(converted)) == ["run"]
    loaded = load_run(converted)
    assert loaded.descriptor.class_names == CLASS_NAMES
    for name, value in SETTINGS.items():
        assert getattr(loaded.config.model, name) == value
    for one, two in zip(loaded.model.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_every_command_takes_the_run(converted, tmp_path, capsys):
    records = sample_records(tmp_path, 1, 1)
    (image,) = sorted(os.listdir(tmp_path / "sample" / "images"))[:1]
    photo = str(tmp_path / "sample" / "images" / image)
    where = {"checkpoint_dir": converted, "dataset_dir": records}
    run(eval, (eval.EvalConfig, ModelConfig), eval_logdir=tmp_path / "eval", **where)
    run(vis, (vis.VisConfig, ModelConfig), vis_logdir=tmp_path / "vis", **where)
    run(predict, (predict.PredictConfig, ModelConfig), model=converted, images=photo, output_dir=tmp_path / "masks")
    flags = {"train_logdir": converted, "export_path": tmp_path / "export"}
    run(export_model, (export_model.ExportConfig, ModelConfig), **flags)
    assert (tmp_path / "export" / "saved_model.pb").exists() and os.listdir(tmp_path / "masks")
    assert "mIoU" in capsys.readouterr().out


def test_names_that_nobody_gave(checkpoint, tmp_path, capsys):
    folder = convert(tf_initial_checkpoint=checkpoint, output_dir=str(tmp_path / "run"), output_stride=8)
    with open(os.path.join(folder, "descriptor.json")) as file:
        assert json.load(file)["class_names"] == [f"class {label}" for label in range(CLASSES)]
    printed = capsys.readouterr().out
    assert f"weights from {checkpoint}" in printed and "no variable tells output_stride=8, multi_grid=None" in printed
    assert RunConfig.load(folder).model.output_stride == 8


def test_a_name_of_the_zoo(tmp_path, monkeypatch):
    """Settings, classes and resizing come from the zoo's table; an archive is known by its name too."""
    row = zoo.find("mobilenetv2_ade20k_train")
    model = DeepLab(row.model_config)
    tf1_files.write_checkpoint(tmp_path / "net" / "model.ckpt", tf1_files.variables_of(model))
    (tmp_path / "published").mkdir()
    with tarfile.open(tmp_path / "published" / row.file, "w:gz", compresslevel=1) as archive:
        archive.add(tmp_path / "net", "net")
    monkeypatch.setenv("DEEPLAB_TF2_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with zoo_server(tmp_path / "published") as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        convert(tf_initial_checkpoint="zoo:mobilenetv2_ade20k_train", output_dir=str(tmp_path / "one"))
    convert(tf_initial_checkpoint=str(tmp_path / "published" / row.file), output_dir=str(tmp_path / "two"))
    for name in ("one", "two"):
        loaded = load_run(str(tmp_path / name))
        assert loaded.descriptor.name == "ade20k" and loaded.descriptor.class_names[150] == "flag"
        assert loaded.config.data.max_resize_value == 257 and loaded.config.model == row.model_config
        np.testing.assert_array_equal(loaded.model.logits.kernel, model.logits.kernel)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"dataset": "cityscapes"}, f"--dataset=cityscapes has 19 classes, the checkpoint {CLASSES}"),
        ({"dataset": "coco"}, "the classes of 'coco' are not known here"),
        ({"class_names": "a,b"}, f"--class_names has 2 classes, the checkpoint {CLASSES}"),
        ({"class_names": "a,b", "dataset": "ade20k"}, "both name the classes"),
        ({"num_classes": 40}, f"--num_classes=40, but .* has {CLASSES} classes: leave the flag out"),
        ({"depth_multiplier": 0.5}, "has depth_multiplier 0.35, this network 0.5"),
        ({"tf_initial_checkpoint": ""}, "--tf_initial_checkpoint is missing"),
        ({"output_dir": ""}, "--output_dir is missing"),
        ({"output_dir": os.path.dirname(__file__)}, "exists already"),
        ({"tf_initial_checkpoint": "nothing.ckpt"}, "there is no checkpoint nothing.ckpt"),
    ],
)
def test_what_cannot_be_is_explained_and_leaves_nothing(checkpoint, tmp_path, flags, told):
    default = {"tf_initial_checkpoint": checkpoint, "output_dir": str(tmp_path / "run")}
    with pytest.raises(InputError, match=told):
        convert(**{**default, **flags})
    assert not list(tmp_path.iterdir())


def test_weights_to_start_from_make_no_run(source, tmp_path):
    names = [name for name in tf1_files.variables_of(source) if name.startswith("MobilenetV2/")]
    arrays = tf1_files.variables_of(source)
    prefix = tf1_files.write_checkpoint(tmp_path / "backbone.ckpt", {name: arrays[name] for name in names})
    with pytest.raises(InputError, match="no layer that answers with classes, so it makes no run: start a training"):
        convert(tf_initial_checkpoint=prefix, output_dir=str(tmp_path / "run"))


def test_a_failure_while_writing_leaves_nothing(source, tmp_path, monkeypatch):
    from deeplab_tf2.checkpoints import files
    from deeplab_tf2.config import DataConfig
    from deeplab_tf2.data.known import known_dataset

    def full(*args):
        raise OSError("no space left on device")

    monkeypatch.setattr(files, "save", full)
    with pytest.raises(OSError, match="no space left"):
        convert_checkpoint.write_run(str(tmp_path / "run"), source, known_dataset("cityscapes"), DataConfig())
    assert not list(tmp_path.iterdir())
