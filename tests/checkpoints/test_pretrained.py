"""Networks with weights by name, from a model zoo on this machine."""

import tarfile

import numpy as np
import pytest
import tf1_files
from zoo_server import zoo_server

from deeplab_tf2 import DeepLab
from deeplab_tf2.checkpoints import zoo
from deeplab_tf2.checkpoints.initial import load_initial
from deeplab_tf2.checkpoints.pretrained import from_pretrained
from deeplab_tf2.config import InputError
from deeplab_tf2.inference.loading import load

NAME = "mobilenetv2_dm05_coco_voc_trainaug"


@pytest.fixture(scope="module")
def arrays():
    rng = np.random.default_rng(0)
    model = DeepLab(zoo.find(NAME).model_config)
    shapes = {name: array.shape for name, array in tf1_files.variables_of(model).items()}
    return {name: rng.uniform(0.5, 1.5, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture
def published(arrays, tmp_path, monkeypatch):
    """The zoo's archive with random weights, on a server."""
    tf1_files.write_checkpoint(tmp_path / "net" / "model.ckpt-30000", arrays)
    (tmp_path / "published").mkdir()
    with tarfile.open(tmp_path / "published" / zoo.find(NAME).file, "w:gz") as archive:
        archive.add(tmp_path / "net", "deeplabv3_mnv2_dm05_pascal_trainaug")
    monkeypatch.setenv("DEEPLAB_TF2_CACHE", str(tmp_path / "cache"))
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with zoo_server(tmp_path / "published") as server:
        monkeypatch.setenv(zoo.URL_VARIABLE, server.url)
        yield server


def test_a_name_gives_settings_and_weights(published, arrays):
    model = from_pretrained(NAME, output_stride=8)
    assert (model.config.output_stride, model.config.num_classes, model.config.depth_multiplier) == (8, 21, 0.5)
    for name, array in tf1_files.variables_of(model).items():
        np.testing.assert_array_equal(array, arrays[name])


def test_a_run_starts_from_a_name(published, arrays):
    model = DeepLab(zoo.find(NAME).model_config.replace(num_classes=3))
    line = load_initial(model, f"zoo:{NAME}")
    assert line.endswith(f"{zoo.find(NAME).file}; fresh: logits (21 classes there, 3 here)")
    name = "concat_projection/weights"
    np.testing.assert_array_equal(tf1_files.variables_of(model)[name], arrays[name])


def test_settings_that_the_weights_cannot_follow(published):
    with pytest.raises(InputError, match="has depth_multiplier 0.5, this network 1.0"):
        from_pretrained(NAME, depth_multiplier=1.0)


def test_an_unknown_name():
    with pytest.raises(InputError, match="the model zoo has no 'nothing'"):
        from_pretrained("nothing")


def test_a_name_predicts_as_a_run(published, arrays):
    run = load(f"zoo:{NAME}", output_stride=8)
    assert (run.step, run.model.config.output_stride, run.descriptor.class_names[15]) == (0, 8, "person")
    assert run.predict(np.zeros((9, 11, 3), np.uint8)).labels.shape == (9, 11)
    for name, options, message in [
        (NAME, {"checkpoint": "best"}, "checkpoint=best: zoo:.* has one only"),
        (NAME, {"num_classes": 3}, "num_classes=3 contradicts the run in zoo:"),
        ("xception_65_imagenet", {}, "zoo:xception_65_imagenet has no classes to segment"),
    ]:
        with pytest.raises(InputError, match=message):
            load(f"zoo:{name}", **options)
