import pathlib
import subprocess
import sys

import numpy as np
import pytest

from deeplab_tf2.inference.raster_strips import LAYOUT, RasterStrips, dataset_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
SIZE = {"height": 300, "width": 410}
LABELS = np.random.default_rng(0).integers(0, 256, (300, 410), np.uint8)
KNOWN = np.tile(np.arange(410) > 30, (300, 1))
FULL_DISK = """
import resource, signal, sys
import numpy as np
from deeplab_tf2.inference import rasters
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
with rasters.opened(sys.argv[1], 3) as source, source.strips(sys.argv[2], "L", ()) as strips:
    strips.write(np.random.default_rng(0).integers(0, 256, source.size, np.uint8))
"""


@pytest.fixture
def rasterio():
    return pytest.importorskip("rasterio", reason="the extra geotiff is not installed")


@pytest.mark.usefixtures("rasterio")
@pytest.mark.parametrize("room", [60_000, 123_000, 140_000])
def test_a_full_disk_leaves_no_file(tmp_path, room):
    """GDAL itself is silent about it: the blocks, or the directory behind them, do not fit."""
    image, result = tmp_path / "image.tif", tmp_path / "result.tif"
    with dataset_of(str(image), "w", driver="GTiff", count=3, dtype="uint8", nodata=0, **SIZE) as file:
        file.write(np.stack([LABELS] * 3))
    command = [sys.executable, "-c", FULL_DISK, str(image), str(result), str(room)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.exists() == (told.returncode == 0) == (room == 140_000), told.stderr
    if not result.exists():
        assert "result.tif: cannot be written" in told.stderr and "is the disk full?" in told.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["image.tif"]


@pytest.mark.usefixtures("rasterio")
@pytest.mark.parametrize("damage", [None, "pixels", "mask"])
def test_what_reads_back_as_something_else_is_told(tmp_path, damage):
    path = str(tmp_path / "result.tif")
    with dataset_of(path, "w", count=1, dtype="uint8", **SIZE, **LAYOUT) as dataset:
        strips = RasterStrips(dataset, lambda rows, columns: np.ascontiguousarray(KNOWN[rows, columns]))
        for first, last in [(0, 100), (100, 101), (101, 300)]:
            strips.write(LABELS[first:last])
    with dataset_of(path, "r+") as dataset:
        if damage == "pixels":
            dataset.write(255 - LABELS[None, 290:], window=((290, 300), (0, 410)))
        elif damage == "mask":
            dataset.write_mask(True)
    if damage is None:
        strips.check(path)
    else:
        with pytest.raises(OSError, match="reads back as something else; is the disk full"):
            strips.check(path)
    assert [path.name for path in tmp_path.iterdir()] == ["result.tif"]
