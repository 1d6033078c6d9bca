import pathlib

import numpy as np
import pytest
from PIL import Image
from toy_run import SIZES, labels_of, make_records, make_run

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.run_flags import OFFICIAL
from deeplab_tf2.cli.vis import VisConfig, command
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.evaluation.evaluate import labeller
from deeplab_tf2.pictures.palettes import colormap, default_colors


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    return make_run(folder, make_records(folder))


def run_vis(*arguments):
    command(binding.parse(arguments, (VisConfig, ModelConfig), OFFICIAL))


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_pictures_and_raw_predictions_of_a_split(toy, capsys):
    run, model = toy
    predict = labeller(model)
    run_vis(f"--checkpoint_dir={run}", "--also_save_raw_predictions")
    pictures = pathlib.Path(run) / "vis" / "segmentation_results"
    raw = pathlib.Path(run) / "vis" / "raw_segmentation_results"
    assert len(list(pictures.iterdir())) == 9
    assert sorted(path.name for path in raw.iterdir()) == ["0.png", "1.png", "2.png"]
    for index, (height, width) in enumerate(SIZES):
        image = read(pictures / f"{index:06d}_image.png")
        assert image.shape == (height, width, 3)
        labels = labels_of(predict, image)
        assert len(np.unique(labels)) > 1
        np.testing.assert_array_equal(read(raw / f"{index}.png"), labels)
        painted = np.array(default_colors(3))[labels]
        np.testing.assert_array_equal(read(pictures / f"{index:06d}_prediction.png"), painted)
    printed = capsys.readouterr().out
    assert str(pictures) in printed
    assert str(raw) in printed
    assert "warning" not in printed


def test_one_class_everywhere_on_a_split_without_masks_in_crops_and_batches(toy, tmp_path, capsys):
    run = toy[0]
    run_vis(
        f"--checkpoint_dir={run}",
        "--checkpoint=3",
        f"--vis_logdir={tmp_path}",
        "--vis_split=test",
        "--vis_crop_size=81,81",
        "--vis_batch_size=2",
        "--colormap_type=cityscapes",
    )
    disc = colormap("cityscapes")[1]
    for index, size in enumerate(SIZES):
        painted = read(tmp_path / "segmentation_results" / f"{index:06d}_prediction.png")
        np.testing.assert_array_equal(painted, np.broadcast_to(disc, (*size, 3)))
    assert list((tmp_path / "raw_segmentation_results").iterdir()) == []
    assert "'disc' covers 100.00 % of all predicted pixels" in capsys.readouterr().out


def test_an_unknown_colormap_lists_the_legal_ones():
    with pytest.raises(InputError, match="colormap_type is voc; legal are pascal, cityscapes, ade20k"):
        VisConfig(colormap_type="voc")
