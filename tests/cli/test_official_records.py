"""Records as the official converters wrote them, without a descriptor: trained on, scored, drawn and checked."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deeplab_tf2.cli import binding, check_dataset, eval, run_flags, train, vis
from deeplab_tf2.cli.subject import plain_errors
from deeplab_tf2.config import InputError, ModelConfig, RunConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.pipeline import make_dataset

SMALL = """--depth_multiplier=0.35 --aspp_convs_filters=16 --decoder_filters=16 --train_crop_size=33
--train_batch_size=2 --log_steps=1 --training_number_of_steps=1"""
# What the three converters write into image/format, and whether they tell sizes.
STYLES = {
    "pascal_voc_seg": (b"jpeg", True, (*range(21), 255)),
    "cityscapes": (b"png", True, (*range(19), 255)),
    "ade20k": (b"jpg", False, range(151)),
}


def bytes_feature(value):
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))


def official_records(folder, dataset, splits):
    folder.mkdir()
    image_format, sized, labels = STYLES[dataset]
    kind = "PNG" if image_format == b"png" else "JPEG"
    rng = np.random.default_rng(0)
    for split, examples in splits.items():
        for shard in range(2):
            with tf.io.TFRecordWriter(f"{folder}/{split}-{shard:05d}-of-00002.tfrecord") as file:
                for number in range(shard, examples, 2):
                    mask = rng.choice(np.array(labels, np.uint8), (24, 40))
                    image = rng.integers(0, 256, (24, 40, 3), np.uint8)
                    features = {
                        "image/encoded": bytes_feature(encoded(image, kind)),
                        "image/filename": bytes_feature(f"./data/{split}/{number}.jpg".encode()),
                        "image/format": bytes_feature(image_format),
                        "image/segmentation/class/encoded": bytes_feature(encoded(mask, "PNG")),
                        "image/segmentation/class/format": bytes_feature(b"png"),
                    }
                    for key, value in {"height": 24, "width": 40, "channels": 3}.items() if sized else ():
                        features[f"image/{key}"] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
                    example = tf.train.Example(features=tf.train.Features(feature=features))
                    file.write(example.SerializeToString())
    return f"--dataset_dir={folder}", f"--dataset={dataset}"


def encoded(pixels, kind):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


TRAIN = tuple(train.SECTIONS.values())
CHECK = (check_dataset.CheckConfig, check_dataset.FilesConfig)


def given(run, *argv):
    return binding.parse([*SMALL.split(), f"--train_logdir={run}", *argv], TRAIN, train.OFFICIAL)


def checked(*argv):
    return check_dataset.command(binding.parse([*argv, "--train_crop_size=33"], CHECK))


@pytest.mark.parametrize(
    ("dataset", "classes"), [("pascal_voc_seg", 21), ("cityscapes", 19), ("ade20k", 151)], ids=list(STYLES)
)
def test_every_converter_is_read(tmp_path, capsys, dataset, classes):
    where = official_records(tmp_path / "old", dataset, {"train": 4, "val": 3})
    config = train.settle(given(tmp_path / "run", *where))
    assert (config.model.num_classes, config.data.dataset) == (classes, dataset)
    batches = make_dataset(f"{tmp_path}/old", "train", dataset=dataset, crop_size=(33, 33), training=True)
    assert next(iter(batches))[1].shape == (1, 33, 33)
    assert len(list(make_dataset(f"{tmp_path}/old", "val", dataset=dataset))) == 3
    assert checked(*where) == 0
    assert "training may start" in capsys.readouterr().out


def test_from_training_to_pictures(tmp_path, capsys):
    where = official_records(tmp_path / "old", "cityscapes", {"train": 2, "val": 3})
    run = f"{tmp_path}/run"
    assert train.command(given(run, *where, "--train_split=train_fine", "--validation_split=none")) == 0
    assert RunConfig.load(run).data.train_split == "train"
    descriptor = load_descriptor(run)
    assert (descriptor.name, descriptor.splits["train"].examples) == ("cityscapes", 2)
    again = train.settle(given(run, where[0], "--train_split=train_fine", "--validation_split=val_fine"))
    assert (again.data.train_split, again.run.validation_split) == ("train", "val")
    capsys.readouterr()
    network = (ModelConfig,)
    eval.command(
        binding.parse([f"--checkpoint_dir={run}", "--eval_split=val_fine"], (eval.EvalConfig, *network), eval.OFFICIAL)
    )
    assert "on 3 images of 'val'" in capsys.readouterr().out
    # How large images are, no descriptor says.
    chosen = run_flags.RunFlags(checkpoint_dir=run)
    with pytest.raises(InputError, match="give --eval_crop_size too$"):
        run_flags.find_subject(chosen, {}, "eval", "val", None, 2)
    subject = run_flags.find_subject(chosen, {}, "eval", "val", (17, 17), 2)
    with pytest.raises(InputError, match="each image must fit the crop 17,17: enlarge it"), plain_errors(subject):
        list(subject.batches())
    arguments = [f"--checkpoint_dir={run}", f"--vis_logdir={tmp_path}/vis"]
    vis.command(binding.parse(arguments, (vis.VisConfig, *network), vis.OFFICIAL))
    assert len(list((tmp_path / "vis" / "segmentation_results").glob("*_prediction.png"))) == 3


def test_records_of_an_unnamed_dataset_ask_for_its_name(tmp_path):
    where = official_records(tmp_path / "old", "cityscapes", {"train_fine": 2})
    with pytest.raises(InputError, match="--dataset, which says what their labels mean, is missing: known are"):
        train.settle(given(tmp_path / "run", where[0]))
    assert checked(*where) == 0
