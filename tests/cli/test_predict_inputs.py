import os

import numpy as np
import pytest
from PIL import Image
from toy_files import encoded

from deeplab_tf2.cli.predict_inputs import find_inputs, readable
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


@pytest.fixture
def from_standard_input(standard_input):
    def found(data):
        standard_input(data)
        return find_inputs(["-"])

    return found


def test_videos_come_by_name_and_by_pattern_but_not_with_a_folder(photos):
    assert "film.mp4" not in names(find_inputs([str(photos)]))
    (film,) = find_inputs([str(photos / "film.mp4")])
    assert film.is_film
    assert names(find_inputs([str(photos / "f*")])) == ["film.mp4", "first.jpg", "first.png"]


def test_several_values_name_each_image_once(photos):
    given = find_inputs([str(photos / "second.png"), str(photos), str(photos / "deeper")])
    assert names(given) == ["second.png", "first.jpg", "first.png", "other.png"]


def test_no_image_is_told(photos):
    with pytest.raises(InputError, match="^--images=.*missing: there is no such file or folder"):
        find_inputs([str(photos), str(photos / "missing")])


@pytest.mark.parametrize("format", ["PNG", "PPM"])
def test_an_image_comes_through_standard_input(from_standard_input, format):
    picture = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    (given,) = from_standard_input(encoded(picture, format))
    assert given.name == "stdin" and not given.is_film
    np.testing.assert_array_equal(given.photo(3).read(), picture)


def test_a_list_comes_through_standard_input(from_standard_input, photos):
    lines = "\n".join([*(str(photos / name) for name in NAMES), "", "missing.jpg", ""])
    given = from_standard_input(lines.encode())
    assert names(given) == [*NAMES, "missing.jpg"], "what is missing is told with the failures"
    with pytest.raises(InputError, match=r"missing.jpg: cannot be read"):
        given[-1].photo(3).read()


def test_a_list_may_hold_any_name(from_standard_input, photos):
    odd = ["caf\N{LATIN SMALL LETTER E WITH ACUTE}.png".encode("latin-1"), "a\N{LINE SEPARATOR}b.png".encode()]
    folder = os.fsencode(photos)
    for name in odd:
        os.close(os.open(os.path.join(folder, name), os.O_CREAT))
    given = from_standard_input(b"\r\n".join(os.path.join(folder, name) for name in (b"first.jpg", *odd)))
    assert [os.fsencode(one) for one in names(given)] == [b"first.jpg", *odd]
    assert all(os.path.exists(one.name) for one in given)


TOO_LARGE = b"P6 20000 20000 255\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "no image of a known format"),
        (b"\xff\xfe\x00x", "no image of a known format"),
        (b"a.jpg\0b.jpg", "no image of a known format"),
        (b"a.jpg\nb.jpg\0c.jpg", "no image of a known format"),
        (TOO_LARGE + bytes(100), "20000 x 20000 pixels; at most 178,956,970|400000000 pixels"),
        (TOO_LARGE + b"\xff" * 40_000, "20000 x 20000 pixels; at most 178,956,970|400000000 pixels"),
    ],
)
def test_other_standard_input_is_refused(from_standard_input, data, reason):
    told = f"--images=-: {len(data)} bytes came that are no list of paths, .*, and no image that can be read: "
    with pytest.raises(InputError, match=f"{told}.*({reason})"):
        from_standard_input(data)


def test_closed_standard_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="--images=-: standard input is closed"):
        find_inputs(["-"])


def test_damaged_bytes_are_called_stdin(from_standard_input):
    data = encoded(np.zeros((40, 40, 3), np.uint8))[:-20]
    (given,) = from_standard_input(data)
    with pytest.raises(InputError, match="stdin: truncated or damaged"):
        given.photo(3).read()


def test_arrays_beside_photographs_are_left_out_but_none_that_is_named(photos):
    (photos / "bands.npy").touch()
    (photos / "deeper" / "alone.npy").touch()
    array = str(photos / "bands.npy")
    assert names(readable(find_inputs([str(photos)]), 3)) == list(NAMES)
    assert "bands.npy" in names(readable(find_inputs([str(photos)]), 5))
    for values in ([str(photos), array], [array, str(photos)]):
        assert sorted(names(readable(find_inputs(values), 3))) == ["bands.npy", *NAMES]
    given = find_inputs([str(photos / "first.jpg"), str(photos / "deeper" / "*.npy")])
    assert names(readable(given, 3)) == ["first.jpg", "alone.npy"]
