import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.pictures.palettes import default_colors
from deeplab_tf2.pictures.png_strips import PngStrips


@pytest.mark.parametrize(
    ("kind", "shape", "top", "dtype"),
    [
        ("RGB", (70, 41, 3), 256, np.uint8),
        ("P", (70, 41), 5, np.uint8),
        ("L", (70, 41), 256, np.uint8),
        ("I;16", (70, 41), 60000, np.uint16),
    ],
)
@pytest.mark.parametrize("strips", [[70], [1, 60, 9]])
def test_pillow_reads_what_was_written(tmp_path, kind, shape, top, dtype, strips):
    pixels = np.random.default_rng(0).integers(0, top, shape).astype(dtype)
    with PngStrips(str(tmp_path / "x.png"), shape[:2], kind, default_colors(5)) as file:
        for rows in np.split(pixels, np.cumsum(strips)[:-1]):
            file.write(rows)
    with Image.open(tmp_path / "x.png") as image:
        image.verify()
    with Image.open(tmp_path / "x.png") as image:
        assert image.mode == kind
        np.testing.assert_array_equal(np.asarray(image), pixels)
        if kind == "P":
            shown = np.asarray(image.convert("RGB"))
            np.testing.assert_array_equal(shown, np.array(default_colors(5), np.uint8)[pixels])


def test_pictures_with_smooth_colours_are_small(tmp_path):
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (100, 256, 3))
    with PngStrips(str(tmp_path / "x.png"), (100, 256), "RGB") as file:
        file.write(ramp)
    assert (tmp_path / "x.png").stat().st_size < 1000


def test_an_interrupted_file_is_not_finished(tmp_path):
    with pytest.raises(KeyboardInterrupt), PngStrips(str(tmp_path / "x.png"), (2, 2), "RGB") as file:
        file.write(np.zeros((1, 2, 3), np.uint8))
        raise KeyboardInterrupt
    assert not (tmp_path / "x.png").read_bytes().endswith(b"IEND\xaeB`\x82")
