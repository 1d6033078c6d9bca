import json
import os

import numpy as np
import pytest
from toy_run import NAMES, SIZES, make_records, make_run

from deeplab_tf2.checkpoints import files
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.eval import EvalConfig, command
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.data import schema
from deeplab_tf2.data.pipeline import evaluation_dataset


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    records = make_records(folder)
    return (*make_run(folder, records), records)


def run_eval(*arguments):
    command(binding.parse(arguments, (EvalConfig, ModelConfig)))


def counted_slowly(model, records, descriptor, stride=16):
    """The confusion matrix pixel by pixel, from the images as they are stored."""
    matrix = np.zeros((3, 3), int)
    for batch, (height, width) in zip(evaluation_dataset(records, "val", descriptor), SIZES, strict=True):
        image = np.asarray(batch["image"])[0, :height, :width]
        target = [-(-(side - 1) // stride) * stride + 1 for side in (height, width)]
        padded = np.full((1, *target, 3), 127.5, np.float32)
        padded[0, :height, :width] = image
        predicted = np.asarray(model(padded, training=False)).argmax(-1)[0]
        for (y, x), true in np.ndenumerate(np.asarray(batch["label"])[0, :height, :width]):
            if true != 255:
                matrix[true, predicted[y, x]] += 1
    return matrix


def test_table_and_report_tell_the_scores_of_the_network(toy, capsys):
    from deeplab_tf2.data.catalog import load_descriptor

    run, model, records = toy
    run_eval(f"--checkpoint_dir={run}")
    printed = capsys.readouterr().out
    path = os.path.join(run, "eval", "val_scores.json")
    with open(path) as file:
        report = json.load(file)
    matrix = counted_slowly(model, records, load_descriptor(records))
    right = np.diag(matrix)
    assert report["miou"] == pytest.approx((right / (matrix.sum(0) + matrix.sum(1) - right)).mean())
    assert report["pixel_accuracy"] == pytest.approx(right.sum() / matrix.sum())
    assert [entry["predicted_pixels"] for entry in report["classes"]] == matrix.sum(0).tolist()
    assert min(matrix.sum(0)) > 0, "the network must use every class, or the comparison shows little"
    assert [entry["name"] for entry in report["classes"]] == list(NAMES)
    assert report["padding"] == {"kind": "own size", "multiple": 16, "plus": 1}
    assert (report["step"], report["images"], report["split"]) == (7, 3, "val")
    assert f"mIoU                    {report['miou']:.4f}  (over 3 classes" in printed
    assert f"report: {path}" in printed


def test_official_padding_to_a_crop(toy, tmp_path):
    run = toy[0]
    arguments = (f"--checkpoint_dir={run}", f"--eval_logdir={tmp_path}", "--eval_crop_size=97,81")
    reports = []
    for batch_size in (1, 2):
        run_eval(*arguments, f"--eval_batch_size={batch_size}")
        reports.append(json.loads((tmp_path / "val_scores.json").read_text()))
    assert reports[0]["padding"] == {"kind": "crop", "height": 97, "width": 81}
    assert reports[0]["classes"] == reports[1]["classes"]
    assert sum(entry["truth_pixels"] for entry in reports[0]["classes"]) == sum((h - 2) * w for h, w in SIZES)


def test_the_output_stride_follows_the_flag(toy, tmp_path):
    run_eval(f"--checkpoint_dir={toy[0]}", f"--eval_logdir={tmp_path}", "--output_stride=8")
    report = json.loads((tmp_path / "val_scores.json").read_text())
    assert report["output_stride"] == 8
    assert report["padding"]["multiple"] == 8


def test_an_official_command_line_runs_unchanged(toy, tmp_path):
    rates = [f"--atrous_rates={rate}" for rate in (6, 12, 18)]
    run_eval(
        "--logtostderr" if False else "--eval_split=val",
        "--model_variant=mobilenet_v2",
        *rates,
        "--output_stride=16",
        "--decoder_output_stride=4",
        "--eval_crop_size=513",
        "--eval_crop_size=513",
        "--dataset=toy",
        "--max_number_of_evaluations=1",
        f"--checkpoint_dir={toy[0]}",
        f"--eval_logdir={tmp_path}",
        f"--dataset_dir={toy[2]}",
    )
    assert json.loads((tmp_path / "val_scores.json").read_text())["padding"]["height"] == 513


def test_a_network_that_answers_one_class_is_told_in_plain_words(toy, tmp_path, capsys):
    _, model, records = toy
    run, constant = make_run(tmp_path, records, step=9)
    kernel, _ = constant.logits.get_weights()
    constant.logits.set_weights([0 * kernel, np.array([0.0, 5.0, 0.0])])
    files.save(constant, run, 10)
    run_eval(f"--checkpoint_dir={run}")
    assert "one class has taken over: 'disc' covers all of the prediction" in capsys.readouterr().out
    with open(os.path.join(run, "eval", "val_scores.json")) as file:
        report = json.load(file)
    assert report["step"] == 10
    assert report["warning"].startswith("warning: one class")
    run_eval(f"--checkpoint_dir={run}", f"--checkpoint={files.path_of(run, 9)}")
    with open(os.path.join(run, "eval", "val_scores.json")) as file:
        assert json.load(file)["step"] == 9


def test_a_split_without_masks_names_one_that_has_them(toy):
    with pytest.raises(InputError, match="'test' has no masks.*use vis.py.*score one of val"):
        run_eval(f"--checkpoint_dir={toy[0]}", "--eval_split=test")


def test_a_label_that_is_no_class_ends_in_one_plain_error(toy, tmp_path):
    import tensorflow as tf

    records = make_records(tmp_path)
    image = tf.io.encode_png(np.zeros((9, 9, 3), np.uint8)).numpy()
    label = tf.io.encode_png(np.full((9, 9, 1), 7, np.uint8)).numpy()
    record = schema.encode(image=image, filename="broken", image_format="png", height=9, width=9, label=label)
    with tf.io.TFRecordWriter(os.path.join(records, "val-00000-of-00002.tfrecord")) as writer:
        writer.write(record)
    with pytest.raises(InputError, match="split 'val' in .*cannot be used: .*broken.*7"):
        run_eval(f"--checkpoint_dir={toy[0]}", f"--dataset_dir={records}", f"--eval_logdir={tmp_path}")
    assert not (tmp_path / "val_scores.json").exists()
