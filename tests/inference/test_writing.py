import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.config import CrfConfig, InputError, TileConfig
from deeplab_tf2.inference.dense_crf import refined
from deeplab_tf2.inference.forms import Details
from deeplab_tf2.inference.photos import Photo
from deeplab_tf2.inference.writing import Writing, write_film, write_large

DETAILS = Details((1,))


def pixels(seed, size=(33, 49)):
    small = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize(size[::-1]))


def labels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_the_crf_comes_before_all_forms(tiny, tmp_path):
    photos = [Photo(f"{seed}.jpg", lambda seed=seed: pixels(seed), str(tmp_path / str(seed))) for seed in range(2)]
    crf = CrfConfig(crf=True, crf_iterations=2)
    found = list(Writing(("index", "coco"), DETAILS, crf).write(tiny, photos))
    for photo, written in found:
        plain = tiny.predict(photo.read())
        expected = refined(plain, crf)
        np.testing.assert_array_equal(labels(f"{photo.stem}_index.png"), expected.labels)
        assert (expected.labels != plain.labels).any()
        np.testing.assert_array_equal(written.shares, expected.shares)
        assert sum(part.area for part in written.parts) == written.size[0] * written.size[1], "no class is background"


def test_a_video_becomes_a_video_and_masks(tiny, tmp_path):
    av = pytest.importorskip("av", reason="needs the extra 'video'")
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        for seed in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels(seed, (32, 48)), format="rgb24")))
        container.mux(stream.encode())
    writing = Writing(("overlay", "mask"), DETAILS)
    found = list(write_film(tiny, str(tmp_path / "film.mp4"), str(tmp_path / "out"), writing))
    assert len(found) == 5 and sorted(path.name for path in tmp_path.iterdir()) == [
        "film.mp4",
        "out",
        "out_overlay.mp4",
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"{n:06d}_mask.png" for n in range(5)]
    with av.open(str(tmp_path / "film.mp4")) as first, av.open(str(tmp_path / "out_overlay.mp4")) as second:
        before, after = list(first.decode(video=0)), list(second.decode(video=0))
        for number, (frame, overlay) in enumerate(zip(before, after, strict=True)):
            assert frame.time == overlay.time
            expected = tiny.predict(frame.to_ndarray(format="rgb24")).labels
            np.testing.assert_array_equal(labels(tmp_path / "out" / f"{number:06d}_mask.png"), expected)


def film_outcome(tiny, source, stem, *forms):
    """The frames of a video that were written, and what is said of the rest."""
    *frames, (photo, error) = write_film(tiny, str(source), str(stem), Writing(forms, DETAILS))
    assert isinstance(error, InputError) and photo.name.startswith(str(source))
    return frames, str(error)


def test_the_frames_of_a_damaged_video_keep_their_times(tiny, tmp_path):
    pytest.importorskip("av", reason="needs the extra 'video'")
    from toy_films import TIMES, damage, film, times_and_sizes

    source = damage(film(tmp_path / "film.mp4", movflags="faststart"))
    found = list(write_film(tiny, source, str(tmp_path / "out"), Writing(("overlay",), DETAILS)))
    (error,) = (one for _, one in found if isinstance(one, InputError))
    assert f"film.mp4, frame {len(found) - 1}: no video" in str(error) and len(found) > 2
    assert [time for time, *_ in times_and_sizes(tmp_path / "out_overlay.mp4")] == TIMES[: len(found) - 1]


def test_a_video_that_fails_is_an_outcome(tiny, tmp_path):
    pytest.importorskip("av", reason="needs the extra 'video'")
    from toy_films import film

    (tmp_path / "bad.mp4").write_bytes(b"no film")
    assert film_outcome(tiny, tmp_path / "bad.mp4", tmp_path / "bad", "mask")[0] == []
    # Higher than the encoder takes.
    film(tmp_path / "high.mkv", (16400, 16), "ffv1", times=[0])
    frames, told = film_outcome(tiny, tmp_path / "high.mkv", tmp_path / "high", "overlay")
    assert not frames and "high_overlay.mp4: cannot be written as H.264 of 320 x " in told
    film(tmp_path / "film.mp4")
    (tmp_path / "taken").write_bytes(b"")
    frames, told = film_outcome(tiny, tmp_path / "film.mp4", tmp_path / "taken", "overlay", "mask")
    assert not frames and "taken: cannot be made" in told
    told = film_outcome(tiny, tmp_path / "film.mp4", tmp_path / "missing" / "film", "overlay")[1]
    assert "film_overlay.mp4: cannot be written" in told and "No such file" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.mp4", "film.mp4", "high.mkv", "taken"]


def test_tiles_go_on_after_a_bad_file(tiny, tmp_path):
    for name in ("a", "b"):
        Image.fromarray(pixels(1, (40, 90))).save(tmp_path / f"{name}.png")
    (tmp_path / "a.png").write_bytes(b"no image")
    photos = [Photo(str(tmp_path / f"{name}.png"), lambda: pixels(1), str(tmp_path / name)) for name in ("a", "b")]
    tiles = TileConfig(tile_size=(65, 65), tile_overlap=16)
    with pytest.raises(InputError, match="labelme; of large images in tiles there are mask, index, overlay"):
        next(write_large(tiny, photos, tiles, ["labelme"]))
    found = dict(write_large(tiny, photos, tiles, ["mask"]))
    bad, good = found.values()
    assert isinstance(bad, InputError) and "a.png" in str(bad)
    assert labels(tmp_path / "b_mask.png").shape == (40, 90) and good.shares.sum() == pytest.approx(1)
