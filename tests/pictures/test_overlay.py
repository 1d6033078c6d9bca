import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.pictures.overlay import IGNORED, blend, colorize, save_png

COLORS = ((0, 0, 0), (200, 0, 0), (0, 100, 50))
LABELS = np.array([[0, 1, 2], [2, 255, 1]])


def test_colorize_paints_each_label_in_its_color():
    painted = colorize(LABELS, COLORS, ignore_label=255)
    assert painted.dtype == np.uint8
    expected = [[COLORS[0], COLORS[1], COLORS[2]], [COLORS[2], IGNORED, COLORS[1]]]
    assert painted.tolist() == np.array(expected).tolist()


def test_an_ignore_label_below_the_class_count_is_still_ignored():
    assert tuple(colorize(np.array([[0, 1]]), COLORS, ignore_label=0)[0, 0]) == IGNORED


@pytest.mark.parametrize("label", [3, 255, -1])
def test_a_label_without_a_color_is_named(label):
    with pytest.raises(InputError, match=f"label {label} has no colour: 3 colours"):
        colorize(np.array([[0, label]]), COLORS, ignore_label=254)


def test_labels_of_a_batch_are_refused():
    with pytest.raises(InputError, match=r"\[1, 2, 3\]"):
        colorize(LABELS[None], COLORS, 255)


def test_blend_mixes_and_leaves_ignored_pixels_alone():
    image = np.full((2, 3, 3), 101, np.uint8)
    mixed = blend(image, LABELS, COLORS, ignore_label=255)
    assert mixed.dtype == np.uint8
    assert tuple(mixed[0, 0]) == (51, 51, 51)
    assert tuple(mixed[0, 1]) == (151, 51, 51)
    assert tuple(mixed[1, 1]) == (101, 101, 101)


def test_opacity_runs_from_the_photograph_to_the_colors():
    image = np.random.default_rng(0).integers(0, 256, (2, 3, 3), np.uint8)
    labels = np.minimum(LABELS, 2)
    np.testing.assert_array_equal(blend(image, labels, COLORS, opacity=0.0), image)
    np.testing.assert_array_equal(blend(image, labels, COLORS, opacity=1.0), colorize(labels, COLORS))


def test_blend_names_both_sizes_when_they_differ():
    with pytest.raises(InputError, match=r"\[3, 3, 3\].*\[2, 3\]"):
        blend(np.zeros((3, 3, 3), np.uint8), LABELS, COLORS, 255)


@pytest.mark.parametrize(("highest", "mode"), [(255, "L"), (300, "I;16")])
def test_labels_are_stored_as_numbers(tmp_path, highest, mode):
    labels = np.array([[0, 7], [highest, 1]], np.int32)
    path = save_png(tmp_path / "labels.png", labels)
    with Image.open(path) as image:
        assert image.mode == mode
        np.testing.assert_array_equal(np.asarray(image), labels)


def test_a_picture_comes_back_as_it_was(tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (5, 4, 3), np.uint8)
    with Image.open(save_png(str(tmp_path / "a.png"), picture)) as image:
        np.testing.assert_array_equal(np.asarray(image), picture)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.png"
    save_png(path, np.zeros((2, 2), np.uint8))
    before = path.read_bytes()
    with pytest.raises(InputError, match="a.png: cannot be written .*CMYK"):
        save_png(path, Image.new("CMYK", (2, 2)))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("array", [np.zeros((2, 2)), np.array([[-1, 0]]), np.array([[70000]])])
def test_what_a_png_cannot_hold_is_refused(tmp_path, array):
    with pytest.raises(InputError, match="a PNG holds"):
        save_png(tmp_path / "a.png", array)
    assert not list(tmp_path.iterdir())
