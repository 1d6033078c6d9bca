import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.files import color_table
from deeplab_tf2.data.files.color_table import ColorTable
from deeplab_tf2.data.files.label_map import TRANSPARENT

TABLE = {0x0000FF: 0, 0xFF0000: 1, 0x00FF00: 2, 0x00FE00: 2, 0xFFFFFF: 255, TRANSPARENT: 255}
COLORS = [(0, 0, 255), (255, 0, 0), (0, 255, 0), (0, 254, 0), (255, 255, 255)]


def painted(height=50, width=31, seed=0):
    """A mask of random table colours, and its labels."""
    chosen = np.random.default_rng(seed).integers(0, len(COLORS), (height, width))
    return np.array(COLORS, np.uint8)[chosen], np.array([0, 1, 2, 2, 255], np.uint8)[chosen]


def test_exact_colours():
    pixels, labels = painted()
    found = ColorTable(TABLE).labels(pixels)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, labels)


def test_bands_of_rows_change_nothing(monkeypatch):
    pixels, labels = painted()
    pixels[7, 9] = 1, 9, 2
    monkeypatch.setattr(color_table, "_BAND", 64)
    monkeypatch.setattr(color_table, "_CHUNK", 2)
    found = ColorTable(TABLE, nearest=True).labels(pixels)
    labels[7, 9] = 2
    np.testing.assert_array_equal(found, labels)
    with pytest.raises(InputError, match="1 pixels"):
        ColorTable(TABLE).labels(pixels)


def test_alpha_matters_only_where_it_is_zero():
    pixels, labels = painted()
    alpha = np.random.default_rng(1).integers(0, 4, (*labels.shape, 1), dtype=np.uint8)
    pixels = np.concatenate([pixels, alpha], axis=-1)
    found = ColorTable(TABLE).labels(pixels)
    np.testing.assert_array_equal(found, np.where(alpha[..., 0] == 0, 255, labels))
    found = ColorTable({**TABLE, TRANSPARENT: 1}).labels(pixels)
    np.testing.assert_array_equal(found, np.where(alpha[..., 0] == 0, 1, labels))


def test_unknown_colours_come_with_counts_and_neighbours():
    pixels, _ = painted()
    pixels[0, :5] = 250, 1, 0
    pixels[0, 5] = 0, 0, 250
    with pytest.raises(InputError) as caught:
        ColorTable(TABLE).labels(pixels)
    assert str(caught.value) == (
        "6 pixels have colours outside the label map: #fa0100 (250, 1, 0) 5 pixels, nearest #ff0000 (255, 0, 0);"
        " #0000fa (0, 0, 250) 1 pixels, nearest #0000ff (0, 0, 255)"
    )


def test_of_many_unknown_colours_eight_are_shown():
    pixels = np.zeros((1, 30, 3), np.uint8)
    pixels[0, :, 0] = np.arange(30)
    with pytest.raises(InputError, match="; and 22 more colours$") as caught:
        ColorTable(TABLE).labels(pixels)
    assert str(caught.value).count("nearest") == 8


def test_a_photograph_is_not_counted_to_its_end(monkeypatch):
    monkeypatch.setattr(color_table, "_MANY", 100)
    monkeypatch.setattr(color_table, "_BAND", 640)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    with pytest.raises(InputError, match="^at least 640 pixels"):
        ColorTable(TABLE).labels(pixels)


def test_nearest_is_euclidean_against_a_plain_loop(monkeypatch):
    monkeypatch.setattr(color_table, "_FAR", 442)
    pixels = np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    found = ColorTable(TABLE, nearest=True).labels(pixels)
    table = sorted(color for color in TABLE if color != TRANSPARENT)
    channels = np.array([(color >> 16, color >> 8 & 255, color & 255) for color in table])
    for row, column in np.ndindex(40, 40):
        distances = ((pixels[row, column].astype(int) - channels) ** 2).sum(axis=1)
        assert found[row, column] == TABLE[table[int(distances.argmin())]]


def test_a_photograph_is_no_mask_however_near_its_colours():
    table = ColorTable({0x000000: 0, 0xFF0000: 1, 0x00FF00: 2}, nearest=True)
    grey = np.full((4, 5, 3), 128, np.uint8)
    with pytest.raises(InputError, match="20 of 20 pixels are more than 64 steps .* masks swapped"):
        table.labels(grey)
    grey[:2] = 30
    assert table.labels(grey).shape == (4, 5)
