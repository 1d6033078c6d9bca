import dataclasses
import pathlib
import shutil

import numpy as np
import pytest
import toys
from PIL import Image

from deeplab_tf2.config import InputError, Resizing
from deeplab_tf2.inference.loading import Export, Run, find_run, load
from deeplab_tf2.inference.predict import Network, segment


def photo(height=45, width=38):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_a_run_is_loaded_with_its_newest_checkpoint_and_the_stride_asked_for(tiny_run, tiny):
    run = load(pathlib.Path(tiny_run), output_stride=8)
    assert isinstance(run, Run)
    assert (run.step, run.descriptor) == (toys.STEP, tiny.descriptor)
    assert run.model.config == tiny.model.config.replace(output_stride=8)
    for ours, theirs in zip(run.model.get_weights(), tiny.model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_the_weights_cannot_follow_is_refused(tiny_run):
    with pytest.raises(InputError, match="num_classes=21 contradicts .*num_classes=4"):
        load(tiny_run, num_classes=21)


@pytest.mark.parametrize("name", [f"model-{toys.STEP:08d}.weights.h5", f"model.ckpt-{toys.STEP}"])
def test_a_checkpoint_names_its_run(tiny_run, name):
    folder, checkpoint = find_run(f"{tiny_run}/{name}")
    assert (folder, checkpoint) == (tiny_run, f"{tiny_run}/model-{toys.STEP:08d}.weights.h5")


def test_a_run_resizes_as_in_training(tiny):
    data = tiny.config.data.replace(min_resize_value=50, max_resize_value=70, resize_factor=16)
    run = dataclasses.replace(tiny, config=tiny.config.replace(data=data))
    found = run.predict(photo(25, 30))
    assert found.labels.shape == (25, 30)
    expected = Network(tiny.model, tiny.descriptor, Resizing(50, 70, 16)).predict(photo(25, 30))
    np.testing.assert_array_equal(found.labels, expected.labels)
    assert (found.labels != tiny.predict(photo(25, 30)).labels).any()


def test_an_export_answers_as_its_run(tiny_export, tiny, tmp_path):
    export = load(tiny_export)
    assert isinstance(export, Export)
    assert export.descriptor == tiny.descriptor
    Image.fromarray(photo()).save(tmp_path / "photo.jpg")
    images = [photo(), tmp_path / "photo.jpg", photo(20, 31)]
    for ours, theirs in zip(segment(tiny, images), segment(export, images), strict=True):
        np.testing.assert_array_equal(ours.image, theirs.image)
        np.testing.assert_array_equal(ours.labels, theirs.labels)
        np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-5)


def test_an_export_cannot_be_changed(tiny_export):
    with pytest.raises(InputError, match="checkpoint=best, output_stride=8: the export in .* is fixed"):
        load(tiny_export, "best", output_stride=8)


def test_a_checkpoint_is_named_once(tiny_run):
    assert load(tiny_run, "7").step == toys.STEP
    with pytest.raises(InputError, match=r"/7 names a checkpoint of .*, and checkpoint=best too: give one of the two"):
        load(f"{tiny_run}/7", "best")
    with pytest.raises(InputError, match="the best checkpoint of .* is not known"):
        load(tiny_run, "best")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "there is nothing of this name"),
        (lambda path: path.mkdir(), "found an empty folder"),
        (lambda path: (path.mkdir(), (path / "photo.jpg").touch()), "found photo.jpg"),
        (lambda path: path.write_bytes(b"graph"), "it is a file of another kind"),
    ],
)
def test_what_is_neither_run_nor_export_is_described(tmp_path, make, message):
    make(tmp_path / "thing")
    with pytest.raises(InputError, match=f"thing is no run .config.json. and no export .*: {message}"):
        load(tmp_path / "thing")


def test_the_folder_of_versions_asks_for_one_of_them(tiny_export):
    parent = pathlib.Path(tiny_export).parent
    with pytest.raises(InputError, match=f"give one of them, for example {parent}/1"):
        load(parent)


def test_a_run_without_that_checkpoint_lists_its_steps(tiny_run):
    with pytest.raises(InputError, match=r"there is no checkpoint .*00000999.*has the steps \[7\]"):
        load(f"{tiny_run}/model.ckpt-999")


def test_a_foreign_or_damaged_saved_model_is_refused(tiny_export, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny_export, copy)
    (copy / "saved_model.pb").write_bytes(b"\x00broken")
    with pytest.raises(InputError, match="the export in .*copy is damaged .*export the run again"):
        load(copy)
    shutil.rmtree(copy / "assets.extra")
    with pytest.raises(InputError, match="copy is a SavedModel without assets.extra/descriptor.json"):
        load(copy)
