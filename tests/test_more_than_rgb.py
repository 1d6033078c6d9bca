"""Grey, RGBA and bands through the whole toolbox: the same labels from run, export, frozen graph and evaluation."""

import io

import numpy as np
import pytest
import tensorflow as tf
import toy_bands
from PIL import Image

from deeplab_tf2.cli import binding, build_tfrecord, check_dataset, eval, predict, train, vis
from deeplab_tf2.config import InputError, ModelConfig, RunConfig
from deeplab_tf2.data.band_records import BandEncoder
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
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
    _, folder, run = trained
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


SMALL = """--depth_multiplier=0.1 --aspp_convs_filters=8 --decoder_filters=8 --train_crop_size=33 --train_batch_size=2
--training_number_of_steps=2 --validation_split=none"""


def run(command, *argv, configs, official=binding.Official()):  # noqa: B008
    return command(binding.parse(argv, configs, official))


@pytest.mark.parametrize("channels", (CHANNELS[0], CHANNELS[-1]))
def test_every_command(channels, tiny_run, tmp_path, capsys):
    toy_bands.write_files(tmp_path, channels)
    lists = tmp_path / "lists"
    lists.mkdir()
    for split, sizes in toy_bands.SIZES.items():
        (lists / f"{split}.txt").write_text("".join(f"{split}/{number}\n" for number in range(len(sizes))))
    files = [
        f"--image_folder={tmp_path}/images",
        f"--semantic_segmentation_folder={tmp_path}/masks",
        f"--list_folder={lists}",
        f"--class_names={','.join(toy_bands.NAMES)}",
        f"--input_channels={channels}",
    ]
    records, logs = f"{tmp_path}/records", f"{tmp_path}/run"
    run(build_tfrecord.command, *files, f"--output_dir={records}", configs=(build_tfrecord.BuildConfig,))
    descriptor = load_descriptor(records)
    assert descriptor.input_channels == channels and len(descriptor.split("train").channel_means) == channels
    checked = (check_dataset.CheckConfig, check_dataset.FilesConfig)
    page = f"--output={tmp_path}/check.html"
    for where in ([f"--dataset_dir={records}"], files):
        assert run(check_dataset.command, *where, page, "--train_crop_size=33", configs=checked) == 0
        assert (tmp_path / "check.html").read_text().count("<img") >= 5
    sections = tuple(train.SECTIONS.values())
    start = [f"--dataset_dir={records}", f"--train_logdir={logs}", *SMALL.split()]
    if channels == 5:
        start += [f"--tf_initial_checkpoint={tiny_run}", "--depth_multiplier=0.35", "--aspp_convs_filters=16"]
        start += ["--decoder_filters=16", "--base_learning_rate=1e-9"]
    assert run(train.command, *start, configs=sections, official=train.OFFICIAL) == 0
    adapted = "first kernel adapted from RGB to 5 channels" in capsys.readouterr().out
    assert adapted == (channels == 5)
    trained = RunConfig.load(logs).model
    assert trained.channel_means == descriptor.split("train").channel_means
    shared = (f"--checkpoint_dir={logs}",)
    run(eval.command, *shared, configs=(eval.EvalConfig, ModelConfig), official=eval.OFFICIAL)
    assert "mIoU" in capsys.readouterr().out
    run(vis.command, *shared, configs=(vis.VisConfig, ModelConfig), official=vis.OFFICIAL)
    assert Image.open(f"{logs}/vis/segmentation_results/000000_image.png").size == toy_bands.SIZES["val"][0][::-1]
    predicted = [f"--model={logs}", f"--images={tmp_path}/images/val", f"--output_dir={tmp_path}/out"]
    assert run(predict.command, *predicted, configs=(predict.PredictConfig, ModelConfig)) == 0
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_contradictions_are_told(tmp_path):
    records = toy_bands.make_records(tmp_path, 4)
    sections = tuple(train.SECTIONS.values())
    start = [f"--dataset_dir={records}", f"--train_logdir={tmp_path}/run", "--input_channels=3"]
    with pytest.raises(InputError, match="--input_channels=3 contradicts the dataset 'field', whose images have 4"):
        run(train.settle, *start, configs=sections, official=train.OFFICIAL)
    files = [f"--image_folder={tmp_path}/images", "--class_names=a,b", f"--output_dir={tmp_path}/more"]
    with pytest.raises(InputError, match=r"0.png: the image has 4 channels \(RGBA\); wanted are 5"):
        run(build_tfrecord.command, *files, "--input_channels=5", configs=(build_tfrecord.BuildConfig,))
    with pytest.raises(InputError, match="--input_channels=0; at least 1"):
        run(build_tfrecord.command, *files, "--input_channels=0", configs=(build_tfrecord.BuildConfig,))


def test_records_of_other_channels_than_the_run_saw_are_refused(trained, tmp_path):
    channels, folder, _ = trained
    records = toy_bands.make_records(tmp_path, 2)
    shared = (f"--checkpoint_dir={folder}/run", f"--dataset_dir={records}")
    with pytest.raises(InputError, match=f"trained on images of {channels} channels; those in .* have 2"):
        run(eval.command, *shared, configs=(eval.EvalConfig, ModelConfig), official=eval.OFFICIAL)


def test_arrays_beside_photographs_are_no_images_of_a_network_for_photographs(tiny_run, tmp_path):
    folder = tmp_path / "photos"
    toy_bands.write(folder / "a.png", toy_bands.encoded(np.zeros((9, 9, 3), np.uint8)))
    toy_bands.write(folder / "b.npy", b"features")
    predicted = [f"--model={tiny_run}", f"--images={folder}", f"--output_dir={tmp_path}/out"]
    assert run(predict.command, *predicted, configs=(predict.PredictConfig, ModelConfig)) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_image_and_mask_side_by_side(tmp_path):
    for number in range(3):
        pixels, labels = toy_bands.bands(20, 24, 5, seed=[number])
        toy_bands.write(tmp_path / "all" / f"{number}.npy", toy_bands.stored(pixels)[1])
        toy_bands.write(tmp_path / "all" / f"{number}.png", toy_bands.encoded(labels))
    files = [f"--image_folder={tmp_path}/all", f"--semantic_segmentation_folder={tmp_path}/all"]
    files += ["--class_names=soil,crop,water", "--input_channels=5", f"--output_dir={tmp_path}/records"]
    run(build_tfrecord.command, *files, configs=(build_tfrecord.BuildConfig,))
    assert sum(split.examples for split in load_descriptor(f"{tmp_path}/records").splits.values()) >= 3
