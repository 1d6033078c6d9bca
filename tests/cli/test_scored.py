"""What eval scores: a run's predictions (see test_eval), or those in files."""

import os

import pytest
from PIL import Image
from toy_run import NAMES, make_records

from deeplab_tf2.cli.scored import of_files
from deeplab_tf2.config import InputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three images with their masks, which serve as predictions too, and records of both."""
    folder = tmp_path_factory.mktemp("scored")
    make_records(folder)
    (folder / "predictions").mkdir()
    for number in range(3):
        os.link(folder / f"{number}_mask.png", folder / "predictions" / f"{number}.png")
    return folder


def test_files_are_read_beside_the_truth(folder):
    scored = of_files(str(folder / "predictions"), str(folder / "records"), None, "val")
    assert (scored.split, scored.images, scored.descriptor.class_names) == ("val", 3, NAMES)
    assert scored.folder == str(folder / "predictions" / "eval")
    assert scored.facts == {
        "prediction_dir": str(folder / "predictions"),
        "prediction_ids": "classes",
        "dataset": "toy",
        "dataset_dir": str(folder / "records"),
        "split": "val",
        "images": 3,
    }
    for number, example in enumerate(scored.examples):
        assert example.name == f"photos/{number}" and (example.labels == example.truth).all()
        assert (example.truth == 255).any()
        with Image.open(folder / f"{number}_image.png") as image:
            assert example.image.shape == (image.height, image.width, 3)
    assert number == 2


def test_a_split_without_masks_names_one_that_has_them(folder):
    with pytest.raises(InputError, match="'test' has no masks.*use vis.py.*score one of val"):
        of_files(str(folder / "predictions"), str(folder / "records"), None, "test")


def test_a_record_that_cannot_be_used_ends_in_a_plain_error(folder, tmp_path):
    for name in os.listdir(folder / "records"):
        data = bytearray((folder / "records" / name).read_bytes())
        data[len(data) // 2] ^= 255 * name.startswith("val-")
        (tmp_path / name).write_bytes(data)
    scored = of_files(str(folder / "predictions"), str(tmp_path), None, "val")
    with pytest.raises(InputError, match="the split 'val' in .* cannot be used: Invalid PNG"):
        list(scored.examples)
