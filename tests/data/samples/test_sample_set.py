import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import images, masks
from deeplab_tf2.data.pairing.lists import pair_files
from deeplab_tf2.data.samples.sample_drawing import CLASS_NAMES, draw
from deeplab_tf2.data.samples.sample_set import write_sample_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample")
    write_sample_set(str(folder), train_images=7, val_images=3, seed=5)
    return folder


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_a_folder_as_users_have_them(folder):
    pairing = pair_files(str(folder / "images"), str(folder / "masks"), str(folder / "lists"))
    assert {split: len(pairs) for split, pairs in pairing.splits.items()} == {
        "train": 7,
        "val": 3,
        "trainval": 10,
    }
    assert not pairing.notes
    assert sorted(path.name for path in (folder / "lists").iterdir()) == ["train.txt", "val.txt"]
    assert (folder / "classes.txt").read_text().split() == list(CLASS_NAMES)


def test_files_hold_what_was_drawn(folder):
    pairing = pair_files(str(folder / "images"), str(folder / "masks"), str(folder / "lists"))
    for index, pair in enumerate(pairing.splits["trainval"]):
        image, labels = draw(5, index)
        with open(pair.image, "rb") as image_file, open(pair.mask, "rb") as mask_file:
            np.testing.assert_array_equal(masks.decode(mask_file.read()), labels)
            error = np.abs(images.decode(image_file.read()).astype(int) - image)
        assert error.max() == 0 if pair.image.endswith(".png") else 0 < error.mean() < 6


def test_formats_are_mixed(folder):
    assert {path.suffix for path in (folder / "images").iterdir()} == {".jpg", ".png"}
    assert {Image.open(path).mode for path in (folder / "masks").iterdir()} == {"L", "P"}


def test_equal_seeds_give_equal_files(folder, tmp_path):
    ticks = []
    write_sample_set(str(tmp_path), train_images=7, val_images=3, seed=5, advance=lambda: ticks.append(1))
    assert files(tmp_path) == files(folder)
    assert len(ticks) == 10


def test_settings_that_are_refused(tmp_path):
    with pytest.raises(InputError, match="at least 1 each"):
        write_sample_set(str(tmp_path), train_images=0)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file.images: cannot be made"):
        write_sample_set(str(tmp_path / "file"))
