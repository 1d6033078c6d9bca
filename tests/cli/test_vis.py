import numpy as np
import pytest
from PIL import Image
from toy_run import SIZES, make_records, make_run

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.vis import VisConfig, command
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.pictures.palettes import colormap, default_colors


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    return make_run(folder, make_records(folder))


def run_vis(*arguments):
    command(binding.parse(arguments, (VisConfig, ModelConfig)))


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("split", ["val", "test"])
def test_pictures_and_raw_predictions_of_a_split(toy, tmp_path, capsys, split):
    run, model = toy
    run_vis(
        f"--checkpoint_dir={run}",
        f"--vis_split={split}",
        f"--vis_logdir={tmp_path}",
        "--also_save_raw_predictions",
    )
    pictures, raw = tmp_path / "segmentation_results", tmp_path / "raw_segmentation_results"
    assert len(list(pictures.iterdir())) == 9
    assert sorted(path.name for path in raw.iterdir()) == ["0.png", "1.png", "2.png"]
    for index, (height, width) in enumerate(SIZES):
        image = read(pictures / f"{index:06d}_image.png")
        assert image.shape == (height, width, 3)
        padded = np.full(
            (1, *(-(-(side - 1) // 16) * 16 + 1 for side in (height, width)), 3), 127.5, np.float32
        )
        padded[0, :height, :width] = image
        labels = np.asarray(model(padded, training=False)).argmax(-1)[0, :height, :width]
        np.testing.assert_array_equal(read(raw / f"{index}.png"), labels)
        painted = np.array(default_colors(3))[labels]
        np.testing.assert_array_equal(read(pictures / f"{index:06d}_prediction.png"), painted)
    printed = capsys.readouterr().out
    assert str(pictures) in printed
    assert str(raw) in printed


def test_pictures_stand_in_the_run_by_default_without_raw_predictions(toy):
    run, _ = toy
    run_vis(f"--checkpoint_dir={run}", "--colormap_type=cityscapes")
    import pathlib

    folder = pathlib.Path(run) / "vis"
    painted = read(folder / "segmentation_results" / "000000_prediction.png")
    assert {tuple(color) for color in painted.reshape(-1, 3)} <= {
        tuple(color) for color in colormap("cityscapes")[:3]
    }
    assert list((folder / "raw_segmentation_results").iterdir()) == []


def test_crop_and_batches_give_every_image_its_own_size(toy, tmp_path):
    run_vis(
        f"--checkpoint_dir={toy[0]}",
        f"--vis_logdir={tmp_path}",
        "--vis_crop_size=81,81",
        "--vis_batch_size=2",
    )
    for index, size in enumerate(SIZES):
        assert read(tmp_path / "segmentation_results" / f"{index:06d}_prediction.png").shape[:2] == size


def test_one_class_everywhere_is_told(tmp_path, capsys):
    from deeplab_tf2.checkpoints import files

    run, model = make_run(tmp_path, make_records(tmp_path))
    kernel, _ = model.logits.get_weights()
    model.logits.set_weights([0 * kernel, np.array([0.0, 0.0, 5.0])])
    files.save(model, run, 8)
    run_vis(f"--checkpoint_dir={run}")
    assert "'ring' covers 100.00 % of all predicted pixels" in capsys.readouterr().out


def test_an_unknown_colormap_lists_the_legal_ones():
    with pytest.raises(InputError, match="colormap_type is voc; legal are pascal, cityscapes, ade20k"):
        VisConfig(colormap_type="voc")
