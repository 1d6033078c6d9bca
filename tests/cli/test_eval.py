import json
import os
import sys

import numpy as np
import pytest
import tensorflow as tf
from toy_run import NAMES, SIZES, labels_of, make_records, make_run

from deeplab_tf2.checkpoints.choice import note_best
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.eval import EvalConfig, command
from deeplab_tf2.cli.run_flags import OFFICIAL
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import evaluation_dataset
from deeplab_tf2.evaluation.confusion import ConfusionMatrix
from deeplab_tf2.evaluation.evaluate import labeller
from deeplab_tf2.inference.loading import load_run
from deeplab_tf2.models.prediction import predict
from deeplab_tf2.pictures.overlay import save_png


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    records = make_records(folder)
    return (*make_run(folder, records), records)


def run_eval(*arguments):
    command(binding.parse(arguments, (EvalConfig, ModelConfig), OFFICIAL))


@pytest.fixture(scope="module")
def predicted(toy, tmp_path_factory):
    """A folder with what the network says of the images before padding, and the confusion matrix pixel by pixel."""
    _, model, records = toy
    folder, matrix, predict = tmp_path_factory.mktemp("predicted"), np.zeros((3, 3), int), labeller(model)
    dataset = evaluation_dataset(records, "val", load_descriptor(records))
    for index, (batch, (height, width)) in enumerate(zip(dataset, SIZES, strict=True)):
        image, label = (np.asarray(batch[key])[0, :height, :width] for key in ("image", "label"))
        labels = labels_of(predict, image)
        save_png(folder / f"{index}.png", labels)
        for place, true in np.ndenumerate(label):
            if true != 255:
                matrix[true, labels[place]] += 1
    return folder, matrix


def test_table_and_report_tell_the_scores_of_the_network(toy, predicted, capsys):
    run, _, _ = toy
    run_eval(f"--checkpoint_dir={run}")
    printed = capsys.readouterr().out
    path = os.path.join(run, "eval", "val_scores.json")
    with open(path) as file:
        report = json.load(file)
    matrix = predicted[1]
    right = np.diag(matrix)
    assert report["miou"] == pytest.approx((right / (matrix.sum(0) + matrix.sum(1) - right)).mean())
    assert report["pixel_accuracy"] == pytest.approx(right.sum() / matrix.sum())
    assert [entry["predicted_pixels"] for entry in report["classes"]] == matrix.sum(0).tolist()
    assert min(matrix.sum(0)) > 0, "the network must use every class, or the comparison shows little"
    assert [entry["name"] for entry in report["classes"]] == list(NAMES)
    assert report["padding"] == {"kind": "own size", "multiple": 16, "plus": 1}
    assert report["warning"] is None
    assert (report["step"], report["images"], report["split"]) == (7, 3, "val")
    assert f"mIoU                    {report['miou']:.4f}  (over 3 classes" in printed
    assert f"scores: {path}, " in printed


def test_saved_predictions_score_as_the_run_that_made_them(toy, predicted, capsys, tmp_path):
    run, _, records = toy
    folder, _ = predicted
    run_eval(f"--checkpoint_dir={run}", f"--eval_logdir={tmp_path}")
    run_eval(f"--prediction_dir={folder}", f"--dataset_dir={records}", "--trimap_widths=3", "--shown_images=1")
    told = capsys.readouterr().out
    found = json.loads((folder / "eval" / "val_scores.json").read_text())
    expected = json.loads((tmp_path / "val_scores.json").read_text())
    assert f"predictions in {folder}, on 3 images of 'val'" in told and "boundary IoU" in told
    for key in ("confusion", "classes", "image_scores", "sizes", "miou", "mean_dice", "dataset_dir", "images"):
        assert found[key] == expected[key], key
    assert found["trimap"] == {"border": "void", "widths": [3]} | {
        key: expected["trimap"][key][2:3] for key in ("miou", "pixel_accuracy")
    }
    assert found["calibration"] is None and sum(expected["calibration"]["pixels"]) == np.sum(found["confusion"])
    page = (folder / "eval" / "val_report.html").read_text()
    assert "Worst images" in page and "Best images" in page


def test_saved_predictions_are_scored_as_they_are(toy):
    with pytest.raises(InputError, match="--prediction_dir scores files as they are, on which --checkpoint_dir, --out"):
        run_eval("--prediction_dir=p", f"--checkpoint_dir={toy[0]}", "--output_stride=8")
    with pytest.raises(InputError, match="as they are, on which --watch cannot act"):
        run_eval("--prediction_dir=p", "--watch")
    with pytest.raises(InputError, match="prediction_ids is cityscapes, which has another number of classes"):
        run_eval("--prediction_dir=p", f"--dataset_dir={toy[2]}", "--prediction_ids=cityscapes")
    with pytest.raises(InputError, match="--dataset_dir is missing: --prediction_dir needs"):
        run_eval("--prediction_dir=p")
    with pytest.raises(InputError, match="--prediction_ids tells what --prediction_dir holds"):
        run_eval(f"--checkpoint_dir={toy[0]}", "--prediction_ids=classes")


def test_what_needs_scipy_is_left_out_and_told(toy, predicted, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "scipy", None)
    run_eval(f"--prediction_dir={predicted[0]}", f"--dataset_dir={toy[2]}", f"--eval_logdir={tmp_path}")
    assert "Scores by object size are left out" in capsys.readouterr().out
    assert json.loads((tmp_path / "val_scores.json").read_text())["sizes"] == []


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("--shown_images=-3", "shown_images is -3; 0 is the least"),
        ("--trimap_border=hedge", "trimap_border is 'hedge'; legal are void, edges"),
        ("--trimap_widths=3,2", "trimap_widths is .*growing numbers"),
        ("--prediction_ids=names", "prediction_ids is 'names'; legal are classes, cityscapes"),
    ],
)
def test_flags_are_refused_before_anything_is_loaded(flag, message):
    with pytest.raises(InputError, match=message):
        run_eval(flag, "--checkpoint_dir=none")


def test_an_official_command_line_runs_unchanged(toy, tmp_path):
    run_eval(
        "--eval_split=val",
        "--model_variant=mobilenet_v2",
        *(f"--atrous_rates={rate}" for rate in (12, 24, 36)),
        "--output_stride=8",
        "--decoder_output_stride=4",
        "--eval_crop_size=97",
        "--eval_crop_size=81",
        "--eval_batch_size=2",
        "--dataset=toy",
        "--max_number_of_evaluations=1",
        f"--checkpoint_dir={toy[0]}",
        f"--eval_logdir={tmp_path}",
        f"--dataset_dir={toy[2]}",
    )
    report = json.loads((tmp_path / "val_scores.json").read_text())
    assert report["padding"] == {"kind": "crop", "height": 97, "width": 81}
    assert report["output_stride"] == 8
    assert sum(entry["truth_pixels"] for entry in report["classes"]) == sum((h - 2) * w for h, w in SIZES)


def test_scales_and_mirror_images_are_averaged(toy, tmp_path):
    scales = ("--eval_scales=0.75,1.25", "--add_flipped_images")
    run_eval(f"--checkpoint_dir={toy[0]}", *scales, f"--eval_logdir={tmp_path}", f"--dataset_dir={toy[2]}")
    report = json.loads((tmp_path / "val_scores.json").read_text())
    assert report["eval_scales"] == [0.75, 1.25] and report["add_flipped_images"]
    model, descriptor = load_run(toy[0]).model, load_descriptor(toy[2])
    counted = ConfusionMatrix(descriptor.num_classes, descriptor.ignore_label)
    for example in evaluation_dataset(toy[2], "val", descriptor):
        labels = predict(model, example["image"], (0.75, 1.25), True)["labels"]
        counted.update(np.asarray(example["label"]), np.asarray(labels))
    assert report["miou"] == pytest.approx(counted.scores().miou, abs=2e-3)
    with pytest.raises(InputError, match="eval_scales is 0.0; give numbers above 0"):
        run_eval(f"--checkpoint_dir={toy[0]}", "--eval_scales=0")


def test_a_network_that_answers_one_class_is_told_in_plain_words(toy, tmp_path, capsys):
    run = toy[0]
    note_best(run, {"step": 3, "mIoU": 0.5})
    run_eval(f"--checkpoint_dir={run}", "--checkpoint=best", f"--eval_logdir={tmp_path}")
    assert "one class has taken over: 'disc' covers all of the prediction" in capsys.readouterr().out
    report = json.loads((tmp_path / "val_scores.json").read_text())
    assert report["step"] == 3
    assert report["warning"].startswith("warning: one class")


def test_a_split_without_masks_names_one_that_has_them(toy):
    with pytest.raises(InputError, match="'test' has no masks.*use vis.py.*score one of val"):
        run_eval(f"--checkpoint_dir={toy[0]}", "--eval_split=test")


def test_a_label_that_is_no_class_ends_in_one_plain_error(toy, tmp_path):
    records = make_records(tmp_path)
    image = tf.io.encode_png(np.zeros((9, 9, 3), np.uint8)).numpy()
    label = tf.io.encode_png(np.full((9, 9, 1), 7, np.uint8)).numpy()
    record = schema.encode(image=image, filename="broken", image_format="png", height=9, width=9, label=label)
    with tf.io.TFRecordWriter(os.path.join(records, "val-00000-of-00002.tfrecord")) as writer:
        writer.write(record)
    with pytest.raises(InputError, match="split 'val' in .*cannot be used: record broken has labels .*: 7"):
        run_eval(f"--checkpoint_dir={toy[0]}", f"--dataset_dir={records}", f"--eval_logdir={tmp_path}")
    assert not (tmp_path / "val_scores.json").exists()
