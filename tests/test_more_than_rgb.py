"""Grey, RGBA and bands through the whole toolbox: the same labels from run, export, frozen graph and evaluation."""

import io

import numpy as np
import pytest
import tensorflow as tf
import toy_bands
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.band_records import BandEncoder
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.evaluation.evaluate import labeller
from deeplab_tf2.inference.loading import load
from deeplab_tf2.inference.predict import describe, segment
from deeplab_tf2.pictures.viewable import viewable
from deeplab_tf2.serving.frozen_graph import frozen_graph
from deeplab_tf2.serving.saved_model import export_saved_model

CHANNELS = (1, 4, 5)


@pytest.fixture(scope="module", params=CHANNELS)
def trained(request, tmp_path_factory):
    """Number of channels, folder of files and records, and a run on them."""
    folder = tmp_path_factory.mktemp(f"bands{request.param}")
    return request.param, folder, load(toy_bands.make_run(folder, request.param))


def file_of(folder):
    return str(next((folder / "images" / "val").glob("0.*")))


def test_a_file_gets_the_labels_of_evaluation(trained):
    channels, folder, run = trained
    found = run.predict(file_of(folder))
    dataset = evaluation_dataset(str(folder / "records"), "val", run.descriptor, pad_pixel=run.model.pad_pixel)
    example = next(iter(dataset))
    height, width = toy_bands.SIZES["val"][0]
    want = labeller(run.model)(example["image"])[0, :height, :width]
    assert len(np.unique(found.labels)) > 1
    np.testing.assert_array_equal(found.labels, want)
    assert found.image.shape == (height, width, 3) and found.image.dtype == np.uint8
    assert found.overlay.size[0] >= width


def test_pixels_get_the_labels_of_their_file(trained):
    channels, folder, run = trained
    pixels = np.asarray(Image.open(file_of(folder))) if channels == 1 else None
    if pixels is None:
        pixels, _ = toy_bands.bands(*toy_bands.SIZES["val"][0], channels, seed=[len("val"), 0])
    want = run.predict(file_of(folder))
    for given in (pixels, pixels.astype(np.uint16)):
        got = segment(run, given)
        np.testing.assert_array_equal(got.labels, want.labels)
        np.testing.assert_array_equal(got.image, viewable(pixels.reshape(*pixels.shape[:2], channels)))


@pytest.mark.parametrize("trained", [4, 5], indirect=True)
def test_exports_answer_as_the_run(trained, tmp_path):
    channels, folder, run = trained
    want = run.predict(file_of(folder))
    path = export_saved_model(run, tmp_path / "1")
    export = load(path)
    np.testing.assert_array_equal(export.predict(file_of(folder)).labels, want.labels)
    with open(file_of(folder), "rb") as file:
        data = file.read()
    stored = BandEncoder(channels)(data).data
    outputs = tf.saved_model.load(path).signatures["serving_default"](image_bytes=tf.constant([stored]))
    np.testing.assert_array_equal(outputs["labels"][0], want.labels)
    text = (tmp_path / "1" / "assets.extra" / "README.md").read_text()
    assert f"uint16 [batch, height, width, {channels}]" in text
    assert {4: "RGBA PNG files", 5: "5 bands below one another"}[channels] in text
    with pytest.raises(InputError, match=f"{channels} channels|wanted are {channels}|array"):
        export.predict(np.zeros((9, 9, 3), np.uint8))


@pytest.mark.parametrize("trained", [1], indirect=True)
def test_the_frozen_graph_answers_as_the_run(trained):
    channels, _, run = trained
    graph = frozen_graph(run)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 40, 33, channels)).astype(np.uint16)

    def imported(images):
        (labels,) = tf.graph_util.import_graph_def(graph, {"ImageTensor": images}, ["SemanticPredictions:0"])
        return labels

    labels = tf.compat.v1.wrap_function(imported, [tf.TensorSpec(pixels.shape, tf.uint16)])(tf.constant(pixels))
    np.testing.assert_array_equal(labels[0], segment(run, pixels[0]).labels)


def test_other_channels_are_refused_with_what_was_found(trained, tmp_path):
    channels, _, run = trained
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((9, 8, 6), np.uint16))
    path = tmp_path / "six.npy"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(InputError, match=rf"six.npy: an array \[9, 8, 6\]; for {channels} channels"):
        run.predict(path)
    for wrong in (np.zeros((9, 8, 6), np.uint8), np.zeros((9, 8, channels), np.float32), np.zeros((0, 8, channels))):
        with pytest.raises(InputError, match=f"the network sees {channels} channels"):
            run.predict(wrong)
    with pytest.raises(InputError, match=f"about images of 3 channels, the network sees {channels}"):
        describe(run.model, Descriptor("photos", ("a", "b", "c"), ((0, 0, 0),) * 3))
    assert describe(run.model, None).input_channels == channels
