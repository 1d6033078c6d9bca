import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.segmentation import Segmentation
from deeplab_tf2.pictures.palettes import default_colors


def halves(classes=4):
    """A segmentation without any network: the left half is class 0, the right half the last class."""
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    labels = np.zeros((30, 40), np.int32)
    labels[:, 20:] = classes - 1
    names = tuple(f"name {label}" for label in range(classes))
    descriptor = Descriptor("halves", names, default_colors(classes))
    return Segmentation(image, labels, np.eye(classes, dtype=np.float32)[labels], descriptor)


def test_the_mask_holds_classes_and_shows_colours(tmp_path):
    found = halves()
    found.mask.save(tmp_path / "mask.png")
    with Image.open(tmp_path / "mask.png") as stored:
        np.testing.assert_array_equal(np.asarray(stored), found.labels)
        assert stored.mode == "P"
        shown = np.asarray(stored.convert("RGB"))
    np.testing.assert_array_equal(shown, np.array(found.descriptor.colors, np.uint8)[found.labels])


@pytest.mark.parametrize("classes", [256, 257, 1000])
def test_masks_of_many_classes_keep_their_numbers(tmp_path, classes):
    found = halves(classes)
    found.mask.save(tmp_path / "mask.png")
    with Image.open(tmp_path / "mask.png") as stored:
        np.testing.assert_array_equal(np.asarray(stored), found.labels)


def test_the_overlay_blends_colours_and_names_what_occurs():
    found = halves()
    picture = np.asarray(found.overlay)
    # Narrow pictures are enlarged by a whole factor for the legend's sake.
    factor = picture.shape[1] // 40
    blended = picture[: 30 * factor : factor, : 40 * factor : factor].astype(int)
    expected = (found.image.astype(int) + np.array(found.descriptor.colors)[found.labels]) / 2
    assert np.abs(blended - expected).max() <= 1
    legend = picture[30 * factor :]
    colors = {tuple(color) for color in legend.reshape(-1, 3).tolist()}
    assert {found.descriptor.colors[0], found.descriptor.colors[3]} <= colors
    assert found.descriptor.colors[1] not in colors
