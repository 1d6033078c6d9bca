import sys

import numpy as np
import pytest
from PIL import ExifTags, Image

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.windows import opened
from deeplab_tf2.pictures.palettes import default_colors

GEOTIFF = {"driver": "GTiff", "height": 300, "width": 410, "dtype": "uint8"}


def pixels(bands, seed=0, top=256, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, top, (bands, 300, 410)).astype(dtype)


@pytest.fixture
def rasterio():
    return pytest.importorskip("rasterio", reason="the extra geotiff is not installed")


def save(rasterio, path, bands, **settings):
    settings = {**GEOTIFF, "count": len(bands), "dtype": bands.dtype.name, **settings}
    with rasterio.open(path, "w", **settings) as file:
        file.write(bands)
    return str(path)


def copied(source, path, labels, kind, colors=(), rows=(0, 100, 101, 300)):
    with source.strips(str(path), kind, colors) as strips:
        for start, end in zip(rows, rows[1:], strict=False):
            strips.write(labels[start:end])


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("kind", ["transform", "control points", "nowhere"])
def test_results_lie_where_the_image_lies(rasterio, tmp_path, kind):
    points = [
        rasterio.control.GroundControlPoint(row, column, 13 + column / 1e5, 52 - row / 1e5)
        for row, column in [(0, 0), (0, 409), (299, 0)]
    ]
    place = {
        "transform": {"crs": "EPSG:32633", "transform": rasterio.Affine(0.5, 0.01, 4e5, 0.02, -0.5, 5.8e6)},
        "control points": {"crs": "EPSG:4326", "gcps": points},
        "nowhere": {},
    }[kind]
    path = save(rasterio, tmp_path / "image.tif", pixels(3), **place)
    with rasterio.open(path, "r+") as file:
        file.update_tags(AREA_OR_POINT="Point")
    labels = pixels(1, 1, 4)[0]
    with opened(path, 3) as source:
        copied(source, tmp_path / "mask.tif", labels, "P", default_colors(4))
        copied(source, tmp_path / "overlay.tif", np.moveaxis(pixels(3, 2), 0, -1), "RGB")
        copied(source, tmp_path / "many.tif", labels.astype(np.uint16) * 100, "I;16")
    expected = {"mask": labels[None], "overlay": pixels(3, 2), "many": labels[None].astype(np.uint16) * 100}
    for name, bands in expected.items():
        with rasterio.open(path) as image, rasterio.open(tmp_path / f"{name}.tif") as result:
            np.testing.assert_array_equal(result.read(), bands)
            assert (result.crs, result.transform) == (image.crs, image.transform)
            assert result.tags().get("AREA_OR_POINT") == ("Area" if kind == "control points" else "Point")
            found, wanted = result.gcps, image.gcps
            assert found[1] == wanted[1] and [p.asdict() for p in found[0]] == [p.asdict() for p in wanted[0]]
            if name == "mask":
                assert [result.colormap(1)[label][:3] for label in range(4)] == list(default_colors(4))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.tif", "many.tif", "mask.tif", "overlay.tif"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_windows_are_the_bands_that_the_network_sees(rasterio, tmp_path):
    bands, window = pixels(4), (slice(20, 90), slice(5, 400))
    deep = pixels(5, 1, 65536, np.uint16)
    files = {
        "rgb": (save(rasterio, tmp_path / "rgb.tif", bands[:3], tiled=True), 3, bands[:3]),
        "alpha": (save(rasterio, tmp_path / "a.tif", bands, photometric="rgb", alpha="yes"), 3, bands[:3]),
        "grey": (save(rasterio, tmp_path / "grey.tif", bands[:1]), 3, bands[[0, 0, 0]]),
        "five": (save(rasterio, tmp_path / "five.tif", deep, interleave="band"), 5, deep),
        "floats": (save(rasterio, tmp_path / "floats.tif", deep.astype(np.float32)), 5, deep),
    }
    for name, (path, channels, expected) in files.items():
        with opened(path, channels) as source:
            found = source.read(*window)
        assert source.size == (300, 410) and found.dtype == (np.uint8 if channels == 3 else np.uint16), name
        np.testing.assert_array_equal(found, np.moveaxis(expected[(slice(None), *window)], 0, -1))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_rasters_that_do_not_fit_are_refused(rasterio, tmp_path):
    four = save(rasterio, tmp_path / "four.tif", pixels(4), photometric="minisblack")
    with pytest.raises(InputError, match=r"four.tif: a raster of 4 bands \(gray.*the network sees 3"), opened(four, 3):
        pass
    deep = save(rasterio, tmp_path / "deep.tif", pixels(3, 0, 60000, np.uint16))
    with pytest.raises(InputError, match="deep.tif: a raster of uint16; .*of 8 bits"), opened(deep, 3):
        pass
    low = save(rasterio, tmp_path / "low.tif", pixels(2).astype(np.float32) - 0.5)
    with pytest.raises(InputError, match="low.tif: numbers from .* with fractions"), opened(low, 2) as source:
        source.read(slice(0, 9), slice(0, 9))
    (tmp_path / "cut.tif").write_bytes((tmp_path / "four.tif").read_bytes()[:90_000])
    with pytest.raises(InputError, match="cut.tif: cannot be read"), opened(str(tmp_path / "cut.tif"), 4) as source:
        source.read(slice(290, 300), slice(0, 410))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (30, 20)).save(tmp_path / "turned.tif", exif=exif)
    message = "turned.tif: a TIFF with the orientation 6, .*save it upright"
    with pytest.raises(InputError, match=message), opened(str(tmp_path / "turned.tif"), 3):
        pass
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(InputError, match="text.tif: cannot be read"), opened(str(tmp_path / "text.tif"), 3):
        pass


def test_the_extra_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(InputError, match=r"x.tif: .* pip install 'deeplab-tf2\[geotiff\]'"), opened("x.tif", 3):
        pass


@pytest.mark.usefixtures("rasterio")
def test_a_file_that_leads_to_others_is_refused(tmp_path):
    """GDAL knows formats by their content: a description of a mosaic could name any file or host."""
    path = tmp_path / "photo.tif"
    path.write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    )
    with pytest.raises(InputError, match="photo.tif: cannot be read"), opened(str(path), 3):
        pass


def without_data(rasterio, folder, kind):
    """A raster whose first 100 rows have no data, and what the network sees of it, [bands, height, width]."""
    bands = np.maximum(pixels(3), 1)
    known = np.ones((300, 410), bool)
    known[:100] = False
    if kind == "alpha":
        bands = np.concatenate([bands, known[None].astype(np.uint8) * 255])
        return save(rasterio, folder / "image.tif", bands, photometric="rgb", alpha="yes"), bands[:3], known
    if kind == "mask":
        path = save(rasterio, folder / "image.tif", bands)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
            file.write_mask(known)
        return path, bands, known
    # One band alone that is 0 is a colour.
    bands[0], bands[:, ~known] = 0, 0
    return save(rasterio, folder / "image.tif", bands, nodata=0), bands, known


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("kind", ["alpha", "mask", "value"])
def test_what_has_no_data_is_known_and_masked(rasterio, tmp_path, kind):
    path, bands, known = without_data(rasterio, tmp_path, kind)
    everywhere, labels = (slice(0, 300), slice(0, 410)), pixels(1, 1, 4)[0]
    with opened(path, 3) as source:
        np.testing.assert_array_equal(source.read(*everywhere), np.moveaxis(bands, 0, -1))
        np.testing.assert_array_equal(source.known(*everywhere), known)
        np.testing.assert_array_equal(source.known(slice(90, 110), slice(5, 9)), known[90:110, 5:9])
        copied(source, tmp_path / "mask.tif", labels, "P", default_colors(4))
        copied(source, tmp_path / "overlay.tif", np.moveaxis(pixels(3, 2), 0, -1), "RGB")
    for name, expected in [("mask", labels[None]), ("overlay", pixels(3, 2))]:
        with rasterio.open(tmp_path / f"{name}.tif") as result:
            np.testing.assert_array_equal(result.read(), expected)
            np.testing.assert_array_equal(result.dataset_mask() > 0, known)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.tif", "mask.tif", "overlay.tif"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_no_data_need_be_no_number_that_the_network_sees(rasterio, tmp_path):
    bands = pixels(2, 0, 60000, np.uint16)
    for value, dtype in [(-9999, np.int32), (np.nan, np.float32)]:
        gone = bands.astype(dtype)
        gone[:, :100] = value
        with opened(save(rasterio, tmp_path / f"{value}.tif", gone, nodata=value), 2) as source:
            found = source.read(slice(90, 110), slice(0, 410))
        assert not found[:10].any()
        np.testing.assert_array_equal(found[10:], np.moveaxis(bands[:, 100:110], 0, -1))
    seen = save(rasterio, tmp_path / "seen.tif", pixels(4), photometric="rgb", alpha="yes")
    with opened(seen, 4) as source:
        assert source.known(slice(0, 9), slice(0, 9)) is None, "an alpha band that the network sees is data"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("name", ["http:x.tif", "zip:x.tif", "http:host/x.tif"])
def test_a_name_with_a_colon_is_a_file(rasterio, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    save(rasterio, tmp_path / name, pixels(3))
    with opened(name, 3) as source:
        np.testing.assert_array_equal(source.read(slice(0, 300), slice(0, 410)), np.moveaxis(pixels(3), 0, -1))
        copied(source, f"{name}_mask.tif", pixels(1, 1, 4)[0], "L")
    assert (tmp_path / f"{name}_mask.tif").is_file()
    with pytest.raises(InputError, match=f"^{name}: a raster of 3 bands"), opened(name, 2):
        pass
