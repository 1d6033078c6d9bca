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
    (tmp_path / "bad.mp4").write_bytes(b"no film")
    ((photo, error),) = write_film(tiny, str(tmp_path / "bad.mp4"), str(tmp_path / "bad"), writing)
    assert isinstance(error, InputError) and photo.name.endswith("bad.mp4") and not (tmp_path / "bad").exists()


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
