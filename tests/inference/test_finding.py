import pytest
from PIL import Image

from deeplab_tf2.config import InputError
from deeplab_tf2.inference.finding import find_images, is_film, means_several, readable

NAMES = ("first.jpg", "first.png", "second.png")


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    for name in (*NAMES, "notes.txt", "film.mp4", "large.JP2"):
        (folder / name).touch()
    Image.new("RGB", (9, 9)).save(folder / "deeper" / "other.png")
    return folder


def test_a_file_a_folder_and_a_pattern_name_images(photos):
    first = str(photos / "first.jpg")
    assert find_images(first) == [first] and not means_several(first)
    assert find_images(str(photos)) == [str(photos / name) for name in NAMES]
    assert find_images(str(photos / "*.png")) == [str(photos / "first.png"), str(photos / "second.png")]
    assert str(photos / "deeper" / "other.png") in find_images(str(photos / "**" / "*.png"))
    assert means_several(str(photos)) and means_several(str(photos / "*.png"))
    brackets = photos / "odd [1]"
    brackets.mkdir()
    (photos / "second.png").rename(brackets / "x [2].PNG")
    assert find_images(str(brackets)) == find_images(str(brackets / "x [2].PNG"))
    assert not means_several(str(brackets / "x [2].PNG"))


def test_other_images_are_found_where_they_can_be_read(photos):
    large = str(photos / "large.JP2")
    assert large not in find_images(str(photos)) and large in find_images(str(photos), (".jp2",))
    assert find_images(str(photos / "l*"), (".jp2",)) == [large]
    with pytest.raises(InputError, match="images end in .*, .npy, .jp2$"):
        find_images(str(photos / "*.gif"), (".jp2",))


def test_videos_come_by_pattern_but_not_with_a_folder(photos):
    film = str(photos / "film.mp4")
    assert film in find_images(str(photos / "f*")) and is_film(film) and not is_film(str(photos))
    assert film not in find_images(str(photos))


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
        find_images(str(photos / name))


def test_arrays_beside_photographs_are_left_to_other_networks():
    given = ["a.jpg", "a.npy"]
    assert readable(given, 3) == ["a.jpg"] and readable(given, 5) == given
    assert readable(["a.npy"], 3) == ["a.npy"]
