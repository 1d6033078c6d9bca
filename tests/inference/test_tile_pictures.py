import tracemalloc

import numpy as np
from PIL import Image

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.raster_strips import BLOCK
from deeplab_tf2.inference.tile_pictures import OUTPUTS, TilePictures, pictures_of
from deeplab_tf2.inference.windows import Picture
from deeplab_tf2.pictures.overlay import blend
from deeplab_tf2.pictures.palettes import default_colors

THREE = Descriptor("three", ("a", "b", "c"), default_colors(3))


def stored(folder, source, labels, edges):
    files = {name: str(folder / f"{name}.png") for name in OUTPUTS}
    with pictures_of(source, THREE, files) as pictures:
        for first, last in edges:
            pictures.store(slice(first, last), labels[first:last])
    return pictures.counts


def test_strips_of_any_height_become_whole_pictures(tmp_path):
    rng = np.random.default_rng(0)
    image, labels = rng.integers(0, 256, (700, 90, 3), np.uint8), rng.integers(0, 3, (700, 90), np.uint8)
    counts = stored(tmp_path, Picture(image), labels, [(0, 100), (100, 101), (101, 512), (512, 700)])
    np.testing.assert_array_equal(counts, np.bincount(labels.ravel()))
    for name, expected in [("mask", labels), ("index", labels), ("overlay", blend(image, labels, THREE.colors))]:
        with Image.open(tmp_path / f"{name}.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), expected)


def test_a_raster_is_written_in_whole_blocks():
    class Seen:
        parts: list[int] = []

        def write(self, rows):
            self.parts.append(len(rows))

    pictures = TilePictures(Picture(np.zeros((3 * BLOCK, 5, 3), np.uint8)), THREE, {"mask": Seen()})
    for first, last in [(0, BLOCK), (BLOCK, BLOCK + 10), (BLOCK + 10, 3 * BLOCK)]:
        pictures.store(slice(first, last), np.zeros((last - first, 5), np.uint8))
    assert Seen.parts == [BLOCK, 10, BLOCK - 10, BLOCK]


def test_painting_takes_little_memory_beside_the_strip(tmp_path):
    image, labels = np.zeros((4096, 2000, 3), np.uint8), np.zeros((4096, 2000), np.uint8)
    tracemalloc.start()
    try:
        stored(tmp_path, Picture(image), labels, [(0, 4096)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # In one piece it is some 30 bytes of each pixel.
    assert peak < 5 * labels.size
