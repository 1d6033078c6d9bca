"""Predictions from files score as those that were just made."""

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.data.known import known_dataset
from deeplab_tf2.evaluation.raw_files import raw_ids, raw_name
from deeplab_tf2.evaluation.saved import saved_examples
from deeplab_tf2.evaluation.visualise import examples
from deeplab_tf2.pictures.overlay import save_png

NAMES = ("a/first", "b/first", "third.jpg")


def dataset():
    rng = np.random.default_rng(0)
    for name in NAMES:
        height, width = rng.integers(5, 12, 2)
        image = np.pad(rng.integers(0, 256, (1, height, width, 3)), ((0, 0), (0, 3), (0, 2), (0, 0)))
        label = np.pad(rng.integers(0, 3, (1, height, width)), ((0, 0), (0, 3), (0, 2)), constant_values=255)
        size = {"height": np.array([height]), "width": np.array([width])}
        yield {"image": image.astype(np.float32), "label": label, "name": np.array([name.encode()], object), **size}


def predict(images):
    return (images[..., 0] > 100).astype(np.int32) + (images[..., 1] > 200)


def scored(folder, ids=None):
    return list(saved_examples(dataset(), str(folder), known_dataset("cityscapes"), ids))


def palette(labels):
    image = Image.fromarray(labels.astype(np.uint8))
    image.putpalette([7, 7, 7, 200, 0, 0, 0, 200, 0])
    return image


@pytest.mark.parametrize("kind", [np.asarray, palette])
def test_files_say_what_the_network_said(tmp_path, kind):
    made, taken = list(examples(predict, dataset())), set()
    for index, example in enumerate(made):
        save_png(tmp_path / raw_name(example.name, index, taken), kind(example.labels))
    for one, other in zip(scored(tmp_path), made, strict=True):
        assert one.name == other.name and one.labels.dtype == np.int32 and one.confidence is None
        for field in ("image", "truth", "labels"):
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_names_may_keep_their_folders_or_lose_their_endings(tmp_path):
    for folder in "ab":
        (tmp_path / folder).mkdir()
    made = list(examples(predict, dataset()))
    for example, path in zip(made, ("a/first.png", "b/first.png", "third.png"), strict=True):
        save_png(tmp_path / path, example.labels)
    for one, other in zip(scored(tmp_path), made, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)


def test_numbers_may_be_those_of_a_benchmark(tmp_path):
    made, ids = list(examples(predict, dataset())), raw_ids("cityscapes", 19)
    for example, name in zip(made, ("first.png", "first_000001.png", "third_mask.png"), strict=True):
        save_png(tmp_path / name, ids[example.labels])
    for one, other in zip(scored(tmp_path, ids), made, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no folder .*none: --prediction_dir"):
        scored(tmp_path / "none")
    save_png(tmp_path / "other.png", np.zeros((3, 3), np.uint8))
    with pytest.raises(InputError, match=r"no prediction for the image 'a/first': looked for a/first.png, first.png, "):
        scored(tmp_path)


def test_one_file_is_no_prediction_for_two_images(tmp_path):
    first, *_ = examples(predict, dataset())
    save_png(tmp_path / "first.png", first.labels)
    with pytest.raises(InputError, match="first.png would be the prediction for two images, 'a/first' and 'b/first'"):
        scored(tmp_path)


@pytest.mark.parametrize("name", ["{folder}/truth/x.jpg", "../truth/x.jpg", "a/../../truth/x.jpg"])
def test_what_lies_outside_of_the_folder_is_no_prediction(tmp_path, name):
    (tmp_path / "truth").mkdir()
    (tmp_path / "said").mkdir()
    name, label = name.format(folder=tmp_path), np.ones((1, 4, 5), np.int32)
    image = {"image": np.zeros((1, 4, 5, 3), np.float32), "height": np.array([4]), "width": np.array([5])}
    batch = {**image, "label": label, "name": np.array([name.encode()], object)}
    save_png(tmp_path / "truth" / "x.png", label[0])
    save_png(tmp_path / "truth" / "x.jpg.png", label[0])
    with pytest.raises(InputError, match="no prediction for the image"):
        list(saved_examples([batch], str(tmp_path / "said"), known_dataset("cityscapes")))
    save_png(tmp_path / "said" / "x.png", 0 * label[0])
    (found,) = saved_examples([batch], str(tmp_path / "said"), known_dataset("cityscapes"))
    assert not found.labels.any()


def test_a_prediction_of_another_size_is_refused(tmp_path):
    save_png(tmp_path / "first.png", np.zeros((3, 3), np.uint8))
    with pytest.raises(InputError, match=r"first.png has 3 x 3 pixels, its image .*: predictions are"):
        scored(tmp_path)
