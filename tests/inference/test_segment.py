import io

import numpy as np
import pytest
import toys
from PIL import ExifTags, Image

import deeplab_tf2
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.loading import load
from deeplab_tf2.inference.predict import describe, segment
from deeplab_tf2.pictures.palettes import default_colors


def photo(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (2, 7), (33, 33), (40, 52), (17, 130)])
def test_any_size_comes_back_at_its_size(tiny, size):
    found = segment(tiny.model, photo(*size))
    assert found.labels.shape == size and found.labels.dtype == np.int32
    assert found.probabilities.shape == (*size, 4) and found.probabilities.dtype == np.float32
    np.testing.assert_allclose(found.probabilities.sum(-1), 1, atol=1e-5)
    np.testing.assert_array_equal(found.probabilities.argmax(-1), found.labels)
    assert found.shares.sum() == pytest.approx(1)
    if min(size) > 30:
        assert found.shares.max() < 0.9, "the network must not give one answer, or the tests show little"


def test_names_are_the_runs_or_plain_or_given(tiny):
    assert segment(tiny, photo(5, 5)).descriptor.class_names == toys.NAMES
    assert segment(tiny.model, photo(5, 5)).descriptor.class_names == (
        "class 0",
        "class 1",
        "class 2",
        "class 3",
    )
    other = Descriptor("other", ("a", "b", "c", "d"), default_colors(4))
    for model in (tiny, tiny.model):
        assert segment(model, photo(5, 5), other).descriptor is other


def test_a_descriptor_of_other_classes_is_refused(tiny, tiny_export):
    pair = Descriptor("pair", ("a", "b"), default_colors(2))
    with pytest.raises(InputError, match="descriptor of 'pair' has 2 classes, the network 4"):
        describe(tiny.model, pair)
    for model in (tiny, tiny.model, load(tiny_export)):
        with pytest.raises(InputError, match="descriptor of 'pair' has 2 classes, the network 4"):
            segment(model, photo(5, 5), pair)


def test_a_folder_or_pattern_is_as_the_list_of_its_images(tiny, tmp_path):
    for name, size in (("b.png", (9, 8)), ("a.png", (7, 12)), ("c [1].png", (5, 6))):
        Image.fromarray(photo(*size)).save(tmp_path / name)
    np.save(tmp_path / "bands.npy", photo(3, 4))
    (tmp_path / "film.mp4").touch()
    found = segment(tiny, tmp_path)
    assert [one.labels.shape for one in found] == [(7, 12), (9, 8), (5, 6)]
    listed = segment(tiny, [tmp_path / name for name in ("a.png", "b.png")])
    for one, other in zip(segment(tiny, str(tmp_path / "[ab]*.png")), listed, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)
    assert segment(tiny, tmp_path / "c [1].png").labels.shape == (5, 6)
    for films in (tmp_path / "film.mp4", str(tmp_path / "*"), [tmp_path / "a.png", tmp_path / "film.mp4"]):
        with pytest.raises(InputError, match="film.mp4 is a video: predict.py --images=.*film.mp4 segments it"):
            segment(tiny, films)
    with pytest.raises(InputError, match="no image among 0 names"):
        segment(tiny, str(tmp_path / "*.bmp"))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(tiny, tmp_path, orientation):
    image = Image.fromarray(photo(12, 20))
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "photo.jpg"
    image.save(path, exif=exif, quality=95)
    found = segment(tiny.model, path)
    assert found.image.shape == ((12, 20, 3) if orientation < 5 else (20, 12, 3))
    with Image.open(path) as stored:
        pixels = np.asarray(stored)
    turned = {1: pixels, 3: pixels[::-1, ::-1], 6: np.rot90(pixels, -1), 8: np.rot90(pixels)}
    if orientation in turned:
        np.testing.assert_array_equal(found.image, turned[orientation])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "photo.jpg: the file is empty"),
        (b"no image at all", "photo.jpg: no image of a known format"),
        (None, r"photo.jpg: cannot be read \(No such file"),
    ],
)
def test_files_that_are_no_image_are_named(tiny, tmp_path, data, message):
    if data is not None:
        (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(InputError, match=message):
        segment(tiny.model, str(tmp_path / "photo.jpg"))


def test_a_truncated_photograph_is_named(tiny, tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(photo(60, 80)).save(buffer, format="JPEG")
    (tmp_path / "photo.jpg").write_bytes(buffer.getvalue()[:-2000])
    with pytest.raises(InputError, match="photo.jpg: truncated or damaged"):
        segment(tiny.model, tmp_path / "photo.jpg")


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.zeros((5, 5, 3), np.float32), r"float32 \[5, 5, 3\]"),
        (np.zeros((5, 5), np.uint8), r"uint8 \[5, 5\]"),
        (np.zeros((1, 5, 5, 3), np.uint8), r"uint8 \[1, 5, 5, 3\]"),
        (np.zeros((5, 5, 4), np.uint8), r"uint8 \[5, 5, 4\]"),
        (np.zeros((0, 5, 3), np.uint8), r"uint8 \[0, 5, 3\]"),
    ],
)
def test_arrays_that_are_no_image_are_refused(tiny, array, found):
    with pytest.raises(InputError, match=f"image is an array {found}; give uint8"):
        segment(tiny.model, array)


def test_the_public_names_lead_here():
    assert deeplab_tf2.segment is segment
    assert deeplab_tf2.load is load
