import pathlib
import subprocess
import sys

import pytest
import tiny_tfds
from tiny_tfds import jpeg, png

from deeplab_tf2.cli import train
from deeplab_tf2.cli.convert_tfds import ConvertTfdsConfig, command
from deeplab_tf2.config import DataConfig, InputError, RunOptions
from deeplab_tf2.data.catalog import load_descriptor

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(builder, folder, **flags):
    command({ConvertTfdsConfig: {"dataset": f"tfds:{builder.data_dir}", "output_dir": str(folder), **flags}})
    return load_descriptor(str(folder))


@pytest.fixture
def strange(tmp_path):
    """A set that nothing explains: masks of 1, 2 and 3."""
    examples = [tiny_tfds.pets(number) for number in range(5)]
    return tiny_tfds.make(tmp_path / "tfds", "strange", tiny_tfds.PETS, {"train": examples})


def test_the_user_says_what_values_mean(strange, tmp_path, capsys):
    classes = tmp_path / "classes.csv"
    classes.write_text("name,id,ignore\npet,1,\nground,2,\nborder,3,yes\n")
    descriptor = run(strange, tmp_path / "out", label_map=str(classes), num_shards=1)
    assert descriptor.class_names == ("pet", "ground")
    assert descriptor.split("train").ignored_pixels == 4 * 180
    told = capsys.readouterr().out
    assert "made from tfds:" in told and "ground" in told and "a fifth of it" in told


def test_the_user_names_features_and_classes(tmp_path):
    features = {"a": "image", "b": "segmentation_mask"}
    feature_dict = {key: tiny_tfds.PETS[name] for key, name in features.items()}
    feature_dict |= {"c": tiny_tfds.PETS["segmentation_mask"], "d": tiny_tfds.PETS["image"]}
    pair = {"a": jpeg(0), "b": png(0, 255), "c": png(0, 1, 2), "d": jpeg(1)}
    make = {"train": [pair] * 3, "test": [pair]}
    builder = tiny_tfds.make(tmp_path / "tfds", "several", tiny_tfds.features.FeaturesDict(feature_dict), make)
    with pytest.raises(InputError, match="a, d may be the image: name it by --image_feature"):
        run(builder, tmp_path / "out")
    asked = {"image_feature": "d", "mask_feature": "b", "class_names": ("ground", "pet"), "binary_masks": True}
    descriptor = run(builder, tmp_path / "out", **asked)
    assert descriptor.split("val").class_pixels == (300, 300)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"dataset": "tfds:x"}, "--output_dir is missing"),
        ({"output_dir": "x"}, "--dataset is missing"),
        ({"dataset": "tfds:x", "output_dir": "x", "binary_masks": True}, "--binary_masks needs the names"),
    ],
)
def test_missing_flags(flags, words):
    with pytest.raises(InputError, match=words):
        ConvertTfdsConfig(**flags)


def test_training_makes_the_records_first(strange, tmp_path, capsys):
    given = {config: {} for config in train.SECTIONS.values()}
    given[DataConfig] = {"dataset": f"tfds:{strange.data_dir}", "dataset_dir": str(tmp_path / "records")}
    given[RunOptions] = {"train_logdir": str(tmp_path / "run")}
    config = train.settle(given)
    assert (config.data.dataset, config.model.num_classes) == ("tfds:strange", 3)
    assert config.run.validation_split == "val"
    assert "converted to records" in capsys.readouterr().out
    assert train.settle(given) == config
    assert "converted" not in capsys.readouterr().out


def test_the_script(strange, tmp_path):
    script = ROOT / "datasets" / "convert_tfds.py"
    flags = [f"--dataset=tfds:{strange.data_dir}", f"--output_dir={tmp_path / 'out'}"]
    done = subprocess.run([sys.executable, script, *flags], capture_output=True, text=True, check=True)
    assert "class_1" in done.stdout and "records and descriptor" in done.stdout
