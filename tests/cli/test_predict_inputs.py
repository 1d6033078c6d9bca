import io
import os
import types

import numpy as np
import pytest
from PIL import Image
from toy_files import encoded

from deeplab_tf2.cli.predict_inputs import Given, find_images, find_inputs, names_in_coco, readable, with_stems
from deeplab_tf2.config import InputError

NAMES = ("first.jpg", "first.png", "second.png")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    for name in (*NAMES, "notes.txt", "film.mp4"):
        (folder / name).touch()
    Image.new("RGB", (9, 9)).save(folder / "deeper" / "other.png")
    return folder


def names(given):
    return [os.path.basename(one.name) for one in given]


def from_standard_input(monkeypatch, data):
    monkeypatch.setattr("sys.stdin", types.SimpleNamespace(buffer=io.BytesIO(data)))
    return find_inputs(["-"])


def test_a_file_a_folder_and_a_pattern_name_images(photos):
    first = str(photos / "first.jpg")
    assert find_images(first) == [first]
    assert find_images(str(photos)) == [str(photos / name) for name in NAMES]
    assert find_images(str(photos / "*.png")) == [str(photos / "first.png"), str(photos / "second.png")]
    assert str(photos / "deeper" / "other.png") in find_images(str(photos / "**" / "*.png"))
    brackets = photos / "odd [1]"
    brackets.mkdir()
    (photos / "second.png").rename(brackets / "x [2].PNG")
    assert find_images(str(brackets)) == find_images(str(brackets / "x [2].PNG"))


def test_videos_come_by_name_and_by_pattern_but_not_with_a_folder(photos):
    assert "film.mp4" not in names(find_inputs([str(photos)]))
    (film,) = find_inputs([str(photos / "film.mp4")])
    assert film.is_film
    assert names(find_inputs([str(photos / "f*")])) == ["film.mp4", "first.jpg", "first.png"]


def test_several_values_name_each_image_once(photos):
    given = find_inputs([str(photos / "second.png"), str(photos), str(photos / "deeper")])
    assert names(given) == ["second.png", "first.jpg", "first.png", "other.png"]


def test_a_name_may_have_commas(photos):
    (photos / "b, c,d.png").touch()
    value = f"{photos / 'first.jpg'},{photos / 'b, c,d.png'},{photos / '*.png'}"
    assert names(find_inputs(value.split(","))) == ["first.jpg", "b, c,d.png", "first.png", "second.png"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "missing: there is no such file or folder"),
        ("*.gif", "no image among 0 names; images end in .jpg"),
        ("*.txt", "no image among 1 names"),
    ],
)
def test_no_image_is_told(photos, name, message):
    with pytest.raises(InputError, match=message):
        find_inputs([str(photos), str(photos / name)])


@pytest.mark.parametrize("format", ["PNG", "PPM"])
def test_an_image_comes_through_standard_input(monkeypatch, format):
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    (given,) = from_standard_input(monkeypatch, encoded(picture, format))
    photo = with_stems([given], "out", ["_mask.png"])[0].photo(3)
    assert photo.stem == os.path.join("out", "stdin")
    np.testing.assert_array_equal(photo.read(), picture)


def test_a_list_comes_through_standard_input(monkeypatch, photos):
    lines = "\n".join([*(str(photos / name) for name in NAMES), "", "missing.jpg", ""])
    given = from_standard_input(monkeypatch, lines.encode())
    assert names(given) == [*NAMES, "missing.jpg"], "what is missing is told with the failures"
    with pytest.raises(InputError, match=r"missing.jpg: cannot be read"):
        given[-1].photo(3).read()


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xff\xfe\x00x", b"a.jpg\0b.jpg"])
def test_other_standard_input_is_refused(monkeypatch, data):
    with pytest.raises(InputError, match=f"{len(data)} bytes came that are no image, nor a list of paths"):
        from_standard_input(monkeypatch, data)


def test_damaged_bytes_are_called_stdin(monkeypatch):
    data = encoded(np.zeros((40, 40, 3), np.uint8))[:-20]
    (given,) = from_standard_input(monkeypatch, data)
    with pytest.raises(InputError, match="stdin: truncated or damaged"):
        given.photo(3).read()


def test_no_result_replaces_another():
    images = ["x/a.jpg", "y/a.jpg", "a.png", "a.jpg.png", "A.tif", "b.png"]
    named = with_stems([Given(name) for name in images], "out", ["_mask.png"])
    assert [one.name for one in named] == images
    stems = {one.name: one.stem for one in named}
    assert len({stem.lower() for stem in stems.values()}) == len(images)
    assert stems["b.png"] == os.path.join("out", "b")
    assert stems["a.png"] == os.path.join("out", "a.png")


def test_no_result_replaces_an_image(tmp_path):
    images = [Given(str(tmp_path / "a.png")), Given(str(tmp_path / "a_mask.png"))]
    with pytest.raises(InputError, match="a_mask.png of .*a.png would replace an image: choose another --output_dir"):
        with_stems(images, str(tmp_path), ["_mask.png"])
    assert with_stems(images, str(tmp_path), ["_index.png"]) and with_stems(images, "out", ["_mask.png"])


def test_arrays_beside_photographs_are_left_to_other_networks():
    given = [Given("a.jpg"), Given("a.npy")]
    assert names(readable(given, 3)) == ["a.jpg"] and names(readable(given, 5)) == ["a.jpg", "a.npy"]
    assert names(readable(given[1:], 3)) == ["a.npy"]


def test_coco_names_images_from_their_common_folder():
    given = [Given("x/y/a.jpg"), Given("x/z/a.jpg"), Given("stdin", b"")]
    assert list(names_in_coco(given).values()) == [os.path.join("y", "a.jpg"), os.path.join("z", "a.jpg"), "stdin"]
