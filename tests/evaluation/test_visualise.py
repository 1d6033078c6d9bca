import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.evaluation.visualise import Style, examples, visualise
from deeplab_tf2.pictures.palettes import default_colors

STYLE = Style(("dark", "bright", "blinding"), np.array(default_colors(3)), ignore_label=255)
SIZES = ((20, 30), (33, 17))


def predict(images):
    return (np.asarray(images)[..., 0] > 100).astype(np.int32)


def batches(labelled=True):
    """Two images in one batch of 33x33, as the pipeline pads them."""
    rng = np.random.default_rng(0)
    batch = {
        "image": np.full((2, 33, 33, 3), 127.5, np.float32),
        "label": np.full((2, 33, 33), 255, np.int32),
        "name": np.array([b"folder/first", b"second"], object),
        "height": np.array([size[0] for size in SIZES]),
        "width": np.array([size[1] for size in SIZES]),
    }
    for position, (height, width) in enumerate(SIZES):
        batch["image"][position, :height, :width] = rng.integers(0, 256, (height, width, 1))
        batch["label"][position, :height, :width] = rng.integers(0, 3, (height, width))
    if not labelled:
        del batch["label"]
    return [batch]


def read(path):
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize("labelled", [True, False])
def test_official_files_at_the_size_of_the_images(tmp_path, labelled):
    (batch,) = batches(labelled)
    pixels = visualise(examples(predict, [batch]), str(tmp_path), STYLE)
    folder = tmp_path / "segmentation_results"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{index:06d}_{kind}.png" for index in (0, 1) for kind in ("image", "overlay", "prediction")
    ]
    for index, (height, width) in enumerate(SIZES):
        image = batch["image"][index, :height, :width]
        np.testing.assert_array_equal(read(folder / f"{index:06d}_image.png"), image)
        expected = STYLE.colors[(image[..., 0] > 100).astype(int)]
        np.testing.assert_array_equal(read(folder / f"{index:06d}_prediction.png"), expected)
    assert pixels.sum() == sum(height * width for height, width in SIZES)
    assert list((tmp_path / "raw_segmentation_results").iterdir()) == []


def test_the_truth_stands_beside_the_prediction(tmp_path):
    for labelled in (True, False):
        visualise(examples(predict, batches(labelled)), str(tmp_path / str(labelled)), STYLE)
    with_truth, alone = (
        read(tmp_path / str(labelled) / "segmentation_results" / "000000_overlay.png") for labelled in (True, False)
    )
    # Only the truth knows the third class, so only its legend shows the pure colour.
    blinding = list(default_colors(3)[2])
    assert (with_truth == blinding).all(-1).any()
    assert not (alone == blinding).all(-1).any()


def test_raw_predictions_carry_the_name_of_the_image(tmp_path):
    (batch,) = batches()
    visualise(examples(predict, [batch]), str(tmp_path), STYLE, save_raw=True)
    folder = tmp_path / "raw_segmentation_results"
    assert sorted(path.name for path in folder.iterdir()) == ["first.png", "second.png"]
    np.testing.assert_array_equal(read(folder / "second.png"), predict(batch["image"])[1, :33, :17])


def test_equal_names_do_not_replace_each_other(tmp_path):
    (batch,) = batches()
    batch["name"] = np.array([b"a/same", b"b/same"], object)
    visualise(examples(predict, [batch]), str(tmp_path), STYLE, save_raw=True)
    folder = tmp_path / "raw_segmentation_results"
    assert sorted(path.name for path in folder.iterdir()) == ["same.png", "same_000001.png"]


def test_raw_numbers_can_be_those_of_a_benchmark(tmp_path):
    style = Style(STYLE.names, STYLE.colors, 255, raw_ids=np.array([7, 8, 11]))
    visualise(examples(predict, batches()), str(tmp_path), style, save_raw=True)
    assert set(np.unique(read(tmp_path / "raw_segmentation_results" / "first.png"))) == {7, 8}


def test_a_resized_image_is_drawn_at_its_own_size():
    (batch,) = batches()
    batch = {key: value[1:] for key, value in batch.items()}
    image = np.random.default_rng(1).integers(0, 256, (1, 65, 33, 3)).astype(np.uint8)
    batch |= {"original_image": image, "original_label": np.ones((1, 65, 33), np.uint8)}
    (example,) = examples(predict, [batch])
    np.testing.assert_array_equal(example.image, image[0])
    assert (example.truth == 1).all()
    # Twice as large, corner on corner: every other pixel is one of the prediction's.
    np.testing.assert_array_equal(example.labels[::2, ::2], predict(batch["image"])[0, :33, :17])
    assert example.labels.shape == (65, 33)


def test_progress_counts_images(tmp_path):
    seen = []
    visualise(examples(predict, batches()), str(tmp_path), STYLE, progress=seen.append)
    assert seen == [1, 1]
