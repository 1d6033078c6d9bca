"""TF1 checkpoints in all the forms in which people have them."""

import os
import tarfile

import numpy as np
import pytest
import tensorflow as tf
import tf1_files

from deeplab_tf2.checkpoints.tf1 import NoCheckpoint, locate, open_tf1
from deeplab_tf2.config import InputError

ARRAYS = {"a/weights": np.arange(6, dtype=np.float32).reshape(2, 3), "global_step": np.int64(30_000)}


def read(path):
    with open_tf1(str(path)) as variables:
        assert variables.shapes == {name: array.shape for name, array in ARRAYS.items()}
        return {name: variables[name] for name in variables}


@pytest.fixture
def folder(tmp_path):
    tf1_files.write_checkpoint(tmp_path / "net" / "model.ckpt-30000", ARRAYS)
    return tmp_path / "net"


@pytest.mark.parametrize(
    "form",
    ["model.ckpt-30000", "model.ckpt-30000.index", "model.ckpt-30000.data-00000-of-00001", "model.ckpt-30000.meta", ""],
)
def test_every_form_of_a_path(folder, form):
    for name, array in read(folder / form).items():
        np.testing.assert_array_equal(array, ARRAYS[name])


def test_an_archive_leaves_nothing_behind(folder, tmp_path, monkeypatch):
    path = tmp_path / "net.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "net")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    assert read(path)["global_step"] == 30_000
    with pytest.raises(RuntimeError, match="stop"), open_tf1(str(path)):
        assert len(list((tmp_path / "tmp").iterdir())) == 1
        raise RuntimeError("stop")
    assert not list((tmp_path / "tmp").iterdir())


def test_an_archive_of_a_frozen_graph(tmp_path):
    graph = tf1_files.write_frozen_graph(tmp_path / "frozen_inference_graph.pb", {"a/weights": ARRAYS["a/weights"]})
    with tarfile.open(tmp_path / "net.tar.gz", "w:gz") as archive:
        archive.add(graph, "net/frozen_inference_graph.pb")
    for path in (tmp_path / "net.tar.gz", graph, tmp_path):
        with open_tf1(str(path)) as variables:
            np.testing.assert_array_equal(variables["a/weights"], ARRAYS["a/weights"])


def test_a_single_file_of_the_first_versions(tmp_path):
    path = str(tmp_path / "resnet_v1_50.ckpt")
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.get_variable("a/weights", initializer=ARRAYS["a/weights"])
        session.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(write_version=tf.compat.v1.train.SaverDef.V1)
        saver.save(session, path, write_state=False, write_meta_graph=False)
    with open_tf1(path) as variables:
        np.testing.assert_array_equal(variables["a/weights"], ARRAYS["a/weights"])


def test_which_checkpoint_of_a_folder(folder):
    """The one that its `checkpoint` file names wherever it was written, else the highest step."""
    for step in (9, 200_000):
        tf1_files.write_checkpoint(folder / f"model.ckpt-{step}", ARRAYS)
    assert locate(str(folder)) == str(folder / "model.ckpt-200000")
    (folder / "checkpoint").write_text('model_checkpoint_path: "/home/trainer/exp/model.ckpt-9"\n')
    assert locate(str(folder)) == str(folder / "model.ckpt-9")
    os.remove(folder / "model.ckpt-9.index")
    assert locate(str(folder)) == str(folder / "model.ckpt-200000")


def test_missing_things_are_named(folder, tmp_path):
    with pytest.raises(NoCheckpoint, match=r"no checkpoint .*/net/model.ckpt-7: .*/net holds model.ckpt-30000.data"):
        locate(str(folder / "model.ckpt-7"))
    with pytest.raises(NoCheckpoint, match="there is no folder"):
        locate(str(tmp_path / "nowhere" / "model.ckpt"))
    os.rename(folder / "model.ckpt-30000.data-00000-of-00001", folder / "model.ckpt-30000.data-00000-of-00002")
    with pytest.raises(InputError, match=r"lacks its data files: .* \(found: model.ckpt-30000.data-00000-of-00002\)"):
        locate(str(folder))
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoCheckpoint, match="no TF1 checkpoint .* holds nothing"):
        locate(str(tmp_path / "empty"))


def test_damage_is_told(folder):
    data = folder / "model.ckpt-30000.data-00000-of-00001"
    content = data.read_bytes()
    data.write_bytes(bytes(len(content)))
    with (
        pytest.raises(InputError, match="model.ckpt-30000 is damaged, a/weights cannot be read"),
        open_tf1(str(folder / "model.ckpt-30000")) as variables,
    ):
        variables["a/weights"]
    data.write_bytes(content[:4])
    with pytest.raises(InputError, match="is damaged"), open_tf1(str(folder)) as variables:
        variables["a/weights"]
    (folder / "model.ckpt-30000.index").write_bytes(b"no index")
    with pytest.raises(InputError, match="is no TF1 checkpoint, or a damaged one"), open_tf1(str(folder)):
        pass
