import dataclasses
import pathlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from toy_run import SIZES, labels_of, make_records, make_run

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.run_flags import OFFICIAL, find_subject
from deeplab_tf2.cli.vis import VisConfig, command, style
from deeplab_tf2.config import InputError, ModelConfig, Resizing
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.resampling import resize
from deeplab_tf2.data.transforms import resized_size
from deeplab_tf2.evaluation.evaluate import labeller
from deeplab_tf2.evaluation.original_size import at_size
from deeplab_tf2.pictures.palettes import colormap, default_colors


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    run, model = make_run(folder, make_records(folder))
    return run, labeller(model)


def run_vis(*arguments):
    command(binding.parse(arguments, (VisConfig, ModelConfig), OFFICIAL))


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_pictures_and_raw_predictions_of_a_split(toy, capsys):
    run, predict = toy
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


def test_a_pass_of_a_run_in_training_draws_resized_images_at_their_own_size(toy):
    run, predict = toy
    small = ["--min_resize_value=33", "--max_resize_value=49", "--resize_factor=16"]
    watching = ["--watch", "--max_number_of_iterations=1", "--also_save_raw_predictions"]
    run_vis(f"--checkpoint_dir={run}", *small, *watching)
    folder = pathlib.Path(run) / "vis" / "step-00000007"
    for index, size in enumerate(SIZES):
        photo = read(folder / "segmentation_results" / f"{index:06d}_image.png")
        np.testing.assert_array_equal(photo, read(pathlib.Path(run).parent / f"{index}_image.png"))
        image, _ = resize(photo, np.zeros(size, np.int32), resized_size(tf.constant(size), Resizing(33, 49, 16)))
        expected = at_size({"labels": labels_of(predict, image.numpy())}, size)["labels"]
        np.testing.assert_array_equal(read(folder / "raw_segmentation_results" / f"{index}.png"), expected)


def test_resized_images_come_one_by_one(toy):
    with pytest.raises(InputError, match="batch_size is 2, but images return to sizes of their own one by one"):
        find_subject(VisConfig(checkpoint_dir=toy[0], min_resize_value=33), {}, "vis", "val", (97,), 2).batches(True)


def test_pascal_colours_go_on_for_ever_and_servers_know_their_classes(toy):
    subject = find_subject(VisConfig(checkpoint_dir=toy[0]), {}, "vis", "val", None, 1)
    names = tuple(map(str, range(600)))
    many = dataclasses.replace(subject, descriptor=Descriptor("many", names, ((9, 9, 9),) * 600))
    assert len(np.unique(style(many, "pascal").colors, axis=0)) == 600
    assert style(many, None).colors.tolist() == [[9, 9, 9]] * 600
    with pytest.raises(InputError, match="colormap_type ade20k has 151 colours for 600 classes"):
        style(many, "ade20k")
    with pytest.raises(InputError, match="whose server knows 21 classes; the network has 3"):
        run_vis(f"--checkpoint_dir={toy[0]}", "--server_files=voc2012_comp5")


def test_an_unknown_colormap_lists_the_legal_ones():
    with pytest.raises(
        InputError, match="colormap_type is 'voc'; legal are pascal, cityscapes, ade20k, mapillary_vistas"
    ):
        VisConfig(colormap_type="voc")
