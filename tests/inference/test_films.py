import contextlib
import socket
import struct

import numpy as np
import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.films import Film, picture_of
from deeplab_tf2.inference.predict import Segmentation
from deeplab_tf2.pictures.palettes import default_colors

pytest.importorskip("av", reason="needs the extra 'video'")
from toy_films import TIMES, brightness, damage, film, times_and_sizes  # noqa: E402


@pytest.fixture
def source(tmp_path):
    return film(tmp_path / "film.mp4")


def test_frames_are_photographs(source, tmp_path):
    opened = Film(source, str(tmp_path / "film"))
    photos = list(opened.photos())
    assert len(photos) == len(TIMES)
    assert photos[3].name == f"{source}, frame 3" and photos[3].stem == str(tmp_path / "film" / "000003")
    for number, photo in enumerate(photos):
        pixels = photo.read()
        assert pixels.shape == (48, 64, 3) and pixels.dtype == np.uint8 and pixels.flags.c_contiguous
        assert abs(pixels[:, 40:].astype(int) - brightness(number)).max() < 12
        assert abs(pixels[:, :24].astype(int) - brightness(number) // 2).max() < 12
    opened.close()


def test_frames_are_upright(source):
    """As phones write it: a matrix in the file says that the picture is to be turned clockwise."""
    one = 1 << 16
    told, turned = (
        struct.pack(">9i", *matrix, 0, 0, 0, 1 << 30) for matrix in ((one, 0, 0, 0, one), (0, one, 0, -one, 0))
    )
    with open(source, "rb+") as file:
        data = file.read()
        file.seek(data.index(told, data.index(b"tkhd")))
        file.write(turned)
    opened = Film(source, "out")
    pixels = next(opened.photos()).read()
    assert pixels.shape == (64, 48, 3)
    assert pixels[:24].mean() < 0.7 * pixels[40:].mean(), "what was on the left is on top"
    opened.close()


@pytest.mark.parametrize("size", [(48, 64), (47, 63)])
def test_pictures_become_a_video_of_the_same_times(source, tmp_path, size):
    opened = Film(source, str(tmp_path / "film"))
    with opened.writer(str(tmp_path / "out.mp4")) as writer:
        for number, photo in enumerate(opened.photos()):
            if number != 2:
                writer.add(np.full((*size, 3), brightness(number), np.uint8), photo.time)
        assert not (tmp_path / "out.mp4").exists()
    even = (48, 64)
    assert times_and_sizes(tmp_path / "out.mp4") == [(time, *even) for time in TIMES if time != 80]
    opened.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "out.mp4"]


def test_times_that_do_not_rise_are_mended(source, tmp_path):
    opened = Film(source, str(tmp_path / "film"))
    unit = [photo.time for photo in opened.photos()][1] // TIMES[1]
    with opened.writer(str(tmp_path / "out.mp4")) as writer:
        for time in (0, 40, 40, 30, 80):
            writer.add(np.zeros((48, 64, 3), np.uint8), time * unit)
    opened.close()
    assert [time for time, *_ in times_and_sizes(tmp_path / "out.mp4")] == [0, 40, 40, 40, 80]


@pytest.mark.parametrize("name", ["film.mkv", "film.mpg"])
def test_a_recording_behind_another_plays_on(name, tmp_path):
    """In .mpg files not every frame has a time."""
    source = film(tmp_path / name, times=range(0, 240, 40))
    with open(source, "rb+") as file:
        file.write(file.read())
    opened = Film(source, "out")
    times = [photo.time for photo in opened.photos()]
    opened.close()
    assert len(times) == 12 and set(np.diff(times)) == {times[1] - times[0]} and times[1] > times[0]


def test_nothing_is_left_of_a_video_that_was_given_up(source, tmp_path):
    opened = Film(source, str(tmp_path / "film"))
    for pictures in (0, 1):
        with contextlib.suppress(KeyboardInterrupt), opened.writer(str(tmp_path / "out.mp4")) as writer:
            for time in range(pictures):
                writer.add(np.zeros((48, 64, 3), np.uint8), time)
                raise KeyboardInterrupt
        assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
    opened.close()


def test_what_is_no_video_is_told(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"no film")
    with pytest.raises(InputError, match="a.mp4: no video that can be read"):
        Film(str(tmp_path / "a.mp4"), "out")
    with pytest.raises(InputError, match="missing.mp4: no video that can be read .*No such file"):
        Film(str(tmp_path / "missing.mp4"), "out")


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
LIST = "ffconcat version 1.0\nfile {}\n"


@pytest.mark.parametrize("kind", [PLAYLIST, LIST])
def test_a_list_that_is_called_a_video_leads_nowhere(kind, tmp_path):
    film(tmp_path / "other.ts")
    with socket.create_server(("127.0.0.1", 0)) as host:
        host.setblocking(False)
        port = host.getsockname()[1]
        for other in ("other.ts", f"file://{tmp_path}/other.ts", f"http://127.0.0.1:{port}/other.ts"):
            (tmp_path / "a.mp4").write_text(kind.format(other))
            with pytest.raises(InputError, match="a.mp4: no video that can be read"):
                Film(str(tmp_path / "a.mp4"), "out")
        with pytest.raises(BlockingIOError):
            host.accept()


@pytest.mark.parametrize("zeros", [False, True])
def test_frames_before_the_damage_are_read(tmp_path, zeros):
    # The index of such a file lies before the frames.
    source = damage(film(tmp_path / "film.mp4", movflags="faststart"), zeros)
    opened = Film(source, "out")
    *sound, broken = opened.photos()
    assert 0 < len(sound) < len(TIMES) and all(photo.read().shape == (48, 64, 3) for photo in sound)
    with pytest.raises(InputError, match=f"film.mp4, frame {len(sound)}: no video that can be read"):
        broken.read()
    opened.close()


def test_the_legend_has_all_classes_so_that_it_stays(tmp_path):
    image, labels = np.zeros((40, 400, 3), np.uint8), np.zeros((40, 400), np.int32)
    for classes, taller in ((3, True), (30, False)):
        names = tuple(f"class {label}" for label in range(classes))
        descriptor = Descriptor("toys", names, default_colors(classes))
        picture = picture_of(Segmentation(image, labels, np.zeros((40, 400, 0), np.float32), descriptor))
        assert (picture.shape[0] > 40) == taller and picture.shape[1] == 400
