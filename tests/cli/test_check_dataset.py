"""The command check_dataset: what it prints, and its exit status."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import ExifTags, Image

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.check_dataset import CheckConfig, command
from deeplab_tf2.cli.source_files import FilesConfig
from deeplab_tf2.config import InputError
from deeplab_tf2.data import schema
from deeplab_tf2.data.catalog import Descriptor, Split


def write_record(folder, label):
    """One record of a blank image, without the checks of a conversion."""
    files = [tf.io.encode_png(np.zeros((*np.shape(label), 3), np.uint8)).numpy()]
    files.append(tf.io.encode_png(np.array(label, np.uint8)[..., None]).numpy())
    height, width = np.shape(label)
    with tf.io.TFRecordWriter(str(folder / "train-00000-of-00001.tfrecord")) as writer:
        writer.write(
            schema.encode(
                image=files[0], filename="odd", image_format="png", height=height, width=width, label=files[1]
            )
        )


def run(*argv):
    return command(binding.parse(argv, (CheckConfig, FilesConfig)))


def test_sound_records(sample_records, tmp_path, capsys):
    page = tmp_path / "page.html"
    assert run(f"--dataset_dir={sample_records}", "--train_crop_size=129", f"--output={page}") == 0
    assert capsys.readouterr().out == f"nothing found: training may start\npage: {page}\n"
    assert page.read_text().count("<img ") == 13


def test_broken_records(tmp_path, capsys):
    write_record(tmp_path, [[0, 9], [1, 1]])
    two = Descriptor("two", ("ground", "crack"), ((0, 0, 0), (255, 0, 0)), splits={"train": Split(1, 1)})
    two.save(str(tmp_path))
    assert run(f"--dataset_dir={tmp_path}") == 1
    first, second, last, page = capsys.readouterr().out.splitlines()
    assert first.startswith("error: train: the mask of odd has labels outside") and second.startswith("warning: train:")
    assert last == "1 error, 1 warning: training must not start before the errors are mended"
    assert (
        page == f"page: {tmp_path}/check.html"
        and "mask of odd has labels outside" in (tmp_path / "check.html").read_text()
    )


def test_files_before_any_conversion(tmp_path, capsys):
    from deeplab_tf2.data.samples.sample_set import write_sample_set

    write_sample_set(str(tmp_path), train_images=4, val_images=2)
    files = [f"--image_folder={tmp_path}/images", f"--semantic_segmentation_folder={tmp_path}/masks"]
    files += [f"--list_folder={tmp_path}/lists", "--train_crop_size=129"]
    assert run(*files, f"--class_names={tmp_path}/classes.txt") == 0
    capsys.readouterr()
    assert run(*files, "--class_names=ground,disk,square") == 1
    told = capsys.readouterr().out
    assert "has labels outside 0..2" in told and "page:" not in told


def test_files_that_do_not_pair_are_errors(tmp_path, capsys):
    from deeplab_tf2.data.samples.sample_set import write_sample_set

    write_sample_set(str(tmp_path), train_images=24, val_images=2)
    masks = sorted((tmp_path / "masks").iterdir())
    for mask in masks[:22]:
        mask.unlink()
    files = [f"--image_folder={tmp_path}/images", f"--semantic_segmentation_folder={tmp_path}/masks"]
    assert run(*files, f"--class_names={tmp_path}/classes.txt", "--train_crop_size=129") == 1
    told = capsys.readouterr().out.splitlines()
    assert sum(f"no mask {masks[0].stem}.png in {tmp_path}/masks" in line for line in told) == 1
    assert sum(line.startswith("error: ") and "no mask" in line for line in told) == 20
    assert "error: ... and 2 more like the last" in told


def test_files_are_read_as_a_conversion_reads_them(tmp_path, capsys):
    """Colour masks through a label map, found by their suffix and scaled to images that are displayed on their side."""
    upright = Image.fromarray(np.zeros((20, 40, 3), np.uint8))
    exif = upright.getexif()
    exif[ExifTags.Base.Orientation] = 6
    mask = np.zeros((20, 10, 3), np.uint8)
    mask[:5] = (255, 0, 0)
    for name in "abcdefghij":
        upright.save(tmp_path / f"{name}.jpg", exif=exif)
        Image.fromarray(mask).save(tmp_path / f"{name}_mask.png")
    (tmp_path / "map.csv").write_text("name,color\nground,#000000\ncrack,#ff0000\n")
    files = [f"--image_folder={tmp_path}", f"--semantic_segmentation_folder={tmp_path}", "--mask_suffix=_mask"]
    files += [f"--label_map={tmp_path}/map.csv", "--train_crop_size=17"]
    assert run(*files, "--resize_masks=nearest") == 0
    assert "error" not in capsys.readouterr().out
    assert run(*files) == 1
    assert "a_mask.png: the mask has 10 x 20 pixels, its image 20 x 40" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "give --dataset_dir for records, or --image_folder"),
        (("--dataset_dir=a", "--image_folder=b"), "one of the two"),
        (("--image_folder=b",), "--class_names is missing"),
        (("--dataset_dir=a", "--binary_masks"), "--binary_masks is about files; the records in a are made"),
        (("--dataset_dir=nowhere",), "is not a converted dataset"),
        (("--dataset_dir=nowhere", "--train_crop_size=0"), "train_crop_size"),
    ],
)
def test_usage_that_is_refused(argv, words):
    with pytest.raises(InputError, match=words):
        run(*argv)


def test_a_page_that_cannot_be_written_is_told(sample_records, tmp_path):
    with pytest.raises(InputError, match="cannot be written .*--output"):
        run(f"--dataset_dir={sample_records}", f"--output={tmp_path}/missing/page.html")


def test_a_split_to_train_on_must_exist(sample_records):
    with pytest.raises(InputError, match="no split 'night'"):
        run(f"--dataset_dir={sample_records}", "--train_split=night")
