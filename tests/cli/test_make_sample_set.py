import pytest

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.make_sample_set import SampleConfig, command
from deeplab_tf2.config import InputError
from deeplab_tf2.data.samples import sample_set


def test_command_draws_and_says_how_to_convert(tmp_path, capsys):
    arguments = [f"--output_dir={tmp_path}/sample", "--train_images=3", "--val_images=2", "--seed=1"]
    command(binding.parse(arguments, (SampleConfig,)))
    assert len(list((tmp_path / "sample" / "images").iterdir())) == 5
    assert (tmp_path / "sample" / "lists" / "val.txt").read_text().split() == ["sample_00003", "sample_00004"]
    told = capsys.readouterr().out
    assert f"--list_folder={tmp_path}/sample/lists --class_names={tmp_path}/sample/classes.txt" in told


def test_defaults_are_those_of_the_library():
    config = SampleConfig(output_dir="sample")
    assert (config.train_images, config.val_images) == (sample_set.TRAIN_IMAGES, sample_set.VAL_IMAGES)


def test_the_folder_is_required():
    with pytest.raises(InputError, match="--output_dir is missing"):
        SampleConfig()
