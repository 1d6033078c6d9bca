import numpy as np
from PIL import Image

from deeplab_tf2.inference.windows import opened
from deeplab_tf2.pictures.palettes import default_colors


def test_pictures_are_read_whole_and_answered_as_png(tmp_path):
    rng = np.random.default_rng(0)
    image, labels = rng.integers(0, 256, (300, 410, 3), np.uint8), rng.integers(0, 4, (300, 410), np.uint8)
    results = {
        "mask": ("P", labels, default_colors(4)),
        "index": ("L", labels, ()),
        "many": ("I;16", labels.astype(np.uint16) * 100, ()),
        "overlay": ("RGB", image, ()),
    }
    Image.fromarray(image).save(tmp_path / "image.png")
    with opened(str(tmp_path / "image.png"), 3) as source:
        assert source.size == (300, 410)
        np.testing.assert_array_equal(source.read(slice(3, 9), slice(4, 11)), image[3:9, 4:11])
        for name, (kind, expected, colors) in results.items():
            with source.strips(str(tmp_path / f"{name}{source.extension}"), kind, colors) as strips:
                strips.write(expected[:100])
                strips.write(expected[100:])
    for name, (mode, expected, _) in results.items():
        with Image.open(tmp_path / f"{name}.png") as result:
            assert result.mode == mode
            np.testing.assert_array_equal(np.asarray(result), expected)
