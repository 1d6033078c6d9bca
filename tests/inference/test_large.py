import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deeplab_tf2.config import InputError, ModelConfig, TileConfig
from deeplab_tf2.inference.large import segment_large
from deeplab_tf2.inference.loading import load
from deeplab_tf2.inference.tile_network import tile_network

TILES = TileConfig(tile_size=(65,), tile_overlap=16)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """Smooth patches of colour: path and pixels."""
    small = Image.fromarray(np.random.default_rng(0).integers(0, 256, (5, 8, 3), np.uint8))
    path = tmp_path_factory.mktemp("large") / "image.png"
    small.resize((150, 90), Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture(scope="module")
def network(tiny):
    return tile_network(tiny)


def read(path):
    with Image.open(path) as picture:
        return picture.mode, np.asarray(picture)


def test_a_photograph_in_one_tile_is_segmented_as_a_whole(network, tiny, image, tmp_path):
    found = segment_large(network, str(image), str(tmp_path / "x"), TileConfig(tile_size=(300,)))
    expected = tiny.predict(str(image))
    mode, labels = read(tmp_path / "x_mask.png")
    assert mode == "P" and (labels == expected.labels).mean() > 0.999
    assert [path.name for path in tmp_path.iterdir()] == ["x_mask.png"] and found.note is None
    np.testing.assert_allclose(found.shares, expected.shares, atol=1e-3)


def test_every_output_shows_the_same_labels(network, image, tmp_path):
    seen = []
    outputs = ("mask", "overlay", "index")
    found = segment_large(network, str(image), str(tmp_path / "x"), TILES, outputs, lambda *part: seen.append(part))
    # A pass for the mean, and one for the labels.
    assert seen == [(done, 6) for done in range(1, 7)] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x_index.png", "x_mask.png", "x_overlay.png"]
    labels, index, overlay = (read(tmp_path / f"x_{name}.png")[1] for name in ("mask", "index", "overlay"))
    assert read(tmp_path / "x_index.png")[0] == "L" and labels.shape == (90, 150)
    np.testing.assert_array_equal(labels, index)
    colors = np.array(network.descriptor.colors)[labels]
    assert np.abs(overlay.astype(int) - (read(image)[1].astype(int) + colors) / 2).max() <= 1
    np.testing.assert_allclose(found.shares, np.bincount(labels.ravel(), minlength=4) / labels.size)


def test_a_raster_gives_the_labels_of_the_photograph_and_keeps_its_place(network, image, tmp_path):
    rasterio = pytest.importorskip("rasterio", reason="the extra geotiff is not installed")
    place = {"crs": "EPSG:32633", "transform": rasterio.Affine(0.5, 0, 4e5, 0, -0.5, 5.8e6)}
    settings = {"driver": "GTiff", "height": 90, "width": 150, "count": 3, "dtype": "uint8", **place}
    with rasterio.open(tmp_path / "image.tif", "w", **settings) as file:
        file.write(np.moveaxis(read(image)[1], -1, 0))
    segment_large(network, str(image), str(tmp_path / "png"), TILES)
    segment_large(network, str(tmp_path / "image.tif"), str(tmp_path / "tif"), TILES, ("mask", "overlay"))
    with rasterio.open(tmp_path / "tif_mask.tif") as mask, rasterio.open(tmp_path / "tif_overlay.tif") as overlay:
        np.testing.assert_array_equal(mask.read(1), read(tmp_path / "png_mask.png")[1])
        assert {"crs": mask.crs, "transform": mask.transform} == place and overlay.transform == place["transform"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_pixels_without_data_count_in_no_share(network, image, tmp_path):
    rasterio = pytest.importorskip("rasterio", reason="the extra geotiff is not installed")
    known = np.ones((90, 150), bool)
    known[:, :40] = False
    settings = {"driver": "GTiff", "height": 90, "width": 150, "count": 3, "dtype": "uint8", "nodata": 0}
    with rasterio.open(tmp_path / "image.tif", "w", **settings) as file:
        file.write(np.moveaxis(np.maximum(read(image)[1], 1) * known[..., None], -1, 0))
    found = segment_large(network, str(tmp_path / "image.tif"), str(tmp_path / "x"), TILES, ("mask", "overlay"))
    with rasterio.open(tmp_path / "x_mask.tif") as mask, rasterio.open(tmp_path / "x_overlay.tif") as overlay:
        labels = mask.read(1)
        for result in (mask, overlay):
            np.testing.assert_array_equal(result.dataset_mask() > 0, known)
    np.testing.assert_allclose(found.shares, np.bincount(labels[known], minlength=4) / known.sum())
    assert found.note.startswith(f"{tmp_path / 'image.tif'}: ") and "3,600 pixels have no data" in found.note
    assert sorted(path.name for path in tmp_path.iterdir()) == ["image.tif", "x_mask.tif", "x_overlay.tif"]


def test_what_tiles_change_is_told(network, tiny_export, image, tmp_path):
    own = TileConfig(tile_size=(65,), tile_overlap=16, tile_pooling="own")
    note = segment_large(network, str(image), str(tmp_path / "own"), own).note
    assert "image pooling of the head saw each tile alone" in note and "tile_pooling=shared" in note and "%" in note
    exported = segment_large(tile_network(load(tiny_export)), str(image), str(tmp_path / "export"), TILES)
    start = f"{image}: image pooling of the head saw each tile alone, not the whole image; tiles agree on "
    assert exported.note.startswith(start) and "tile_pooling" not in exported.note
    np.testing.assert_array_equal(read(tmp_path / "own_mask.png")[1], read(tmp_path / "export_mask.png")[1])


def test_tiles_that_disagree_are_told(network, image, tmp_path):
    class Pixels:
        """Sees single pixels, and of tiles of some height other things."""

        config = ModelConfig(num_classes=4, add_image_level_feature=False)
        descriptor = network.descriptor
        strange = 0

        def probabilities(self, pixels, mean=None):
            return np.eye(4, dtype=np.float32)[(pixels[..., 0] + np.uint8(len(pixels) == self.strange)) % 4]

    pixels = Pixels()
    assert segment_large(pixels, str(image), str(tmp_path / "x"), TILES).note is None
    # Those of the lower row: they meet the upper one in 4 rows, and their like in twice 4 columns, as those do.
    pixels.strange = 90 - 32
    share = f"{1 - 4 * 150 / (4 * 150 + 2 * 4 * (90 + 4)):.2%}"
    note = segment_large(pixels, str(image), str(tmp_path / "x"), TILES).note
    assert note == f"{image}: tiles agree on {share} of the pixels where they meet"


def test_tiles_too_large_for_the_memory_are_told(network, image, tmp_path, monkeypatch):
    def full(*inputs):
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    monkeypatch.setattr(network, "_shared", full)
    with pytest.raises(InputError, match="image.png: not enough memory for tiles of 65,65 pixels"):
        segment_large(network, str(image), str(tmp_path / "x"), TILES)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_made_is_refused(network, image, tmp_path):
    for tiles, outputs, message in [
        (TileConfig(), ("mask",), "tile_size is not set"),
        (TILES, ("mask", "coco"), "outputs: mask, coco; of large images in tiles there are mask, index, overlay"),
        (TILES, (), "outputs: none"),
    ]:
        with pytest.raises(InputError, match=message):
            segment_large(network, str(image), str(tmp_path / "x"), tiles, outputs)
    (tmp_path / "damaged.png").write_bytes(image.read_bytes()[:-100])
    with pytest.raises(InputError, match="damaged.png: truncated or damaged"):
        segment_large(network, str(tmp_path / "damaged.png"), str(tmp_path / "x"), TILES)
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.png"]
