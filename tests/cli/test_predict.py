import os
import pathlib
import re

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.predict import PredictConfig, command, find_images, output_stems
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.inference.predict import segment

SIZES = {"first.jpg": (40, 52), "second.png": (33, 65), "first.png": (25, 18)}


def predict(*arguments):
    return command(binding.parse(arguments, (PredictConfig, ModelConfig)))


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / "notes.txt").touch()
    for name, size in SIZES.items():
        Image.fromarray(np.random.default_rng(size[0]).integers(0, 256, (*size, 3), np.uint8)).save(folder / name)
    Image.new("RGB", (9, 9)).save(folder / "deeper" / "other.png")
    return folder


def masks(folder):
    found = {}
    for path in sorted(folder.glob("*_mask.png")):
        with Image.open(path) as image:
            found[path.name.removesuffix("_mask.png")] = np.asarray(image)
    return found


@pytest.mark.parametrize("kind", ["run", "export"])
def test_a_folder_is_segmented_by_a_run_or_an_export(tiny, tiny_run, tiny_export, photos, tmp_path, capsys, kind):
    out = tmp_path / "new" / "out"
    model = {"run": [f"--model={tiny_run}", "--checkpoint=latest"], "export": [f"--model={tiny_export}"]}[kind]
    assert predict(*model, f"--images={photos}", f"--output_dir={out}") == 0
    found = masks(out)
    assert list(found) == ["first.jpg", "first.png", "second"]
    for name, path in (("first.jpg", "first.jpg"), ("first.png", "first.png"), ("second", "second.png")):
        expected = segment(tiny, photos / path)
        np.testing.assert_array_equal(found[name], expected.labels)
        with Image.open(out / f"{name}_overlay.png") as overlay:
            np.testing.assert_array_equal(np.asarray(overlay), np.asarray(expected.overlay))
    assert len(list(out.iterdir())) == 6
    printed = capsys.readouterr().out
    assert (
        re.match(r"segmented 3 images: (\w+ [\d.]+ %(, )?){4}\n", printed) and f"masks and overlays: {out}" in printed
    )
    assert "warning" not in printed


def test_the_output_stride_may_change(tiny, tiny_run, photos, tmp_path):
    image = photos / "second.png"
    flags = (f"--images={image}", f"--output_dir={tmp_path / 'out'}", "--output_stride=32")
    assert predict(f"--model={tiny_run}", *flags) == 0
    (coarse,) = masks(tmp_path / "out").values()
    assert (coarse != segment(tiny, image).labels).any()


def test_what_fails_is_listed_and_the_rest_goes_on(tiny_export, photos, tmp_path, capsys):
    (photos / "broken.jpg").write_bytes(b"no image")
    out = tmp_path / "out"
    assert predict(f"--model={tiny_export}", f"--images={photos}", f"--output_dir={out}") == 1
    assert len(masks(out)) == 3
    told = capsys.readouterr()
    assert "segmented 3 images" in told.out
    assert f"failed: {photos / 'broken.jpg'}: no image of a known format" in told.err


def test_a_file_a_folder_and_a_pattern_name_images(photos):
    first = str(photos / "first.jpg")
    assert find_images(first) == [first]
    assert find_images(str(photos)) == [str(photos / name) for name in sorted(SIZES)]
    assert find_images(str(photos / "*.png")) == [str(photos / "first.png"), str(photos / "second.png")]
    assert str(photos / "deeper" / "other.png") in find_images(str(photos / "**" / "*.png"))
    brackets = photos / "odd [1]"
    brackets.mkdir()
    (photos / "second.png").rename(brackets / "x [2].PNG")
    assert find_images(str(brackets)) == find_images(str(brackets / "x [2].PNG"))


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


def test_no_result_replaces_another():
    images = ["x/a.jpg", "y/a.jpg", "a.png", "a.jpg.png", "A.tif", "b.png"]
    stems = output_stems(images, "out")
    assert list(stems) == images
    assert len({stem.lower() for stem in stems.values()}) == len(images)
    assert stems["b.png"] == os.path.join("out", "b")
    assert stems["a.png"] == os.path.join("out", "a.png")


def test_no_result_replaces_an_image(tmp_path):
    images = [str(tmp_path / "a.png"), str(tmp_path / "a_mask.png")]
    with pytest.raises(InputError, match="a_mask.png of .*a.png would replace an image: choose another --output_dir"):
        output_stems(images, str(tmp_path))
    assert output_stems(images, str(tmp_path / "out"))


@pytest.mark.parametrize("missing", ["model", "images", "output_dir"])
def test_a_missing_flag_is_named(photos, tmp_path, missing):
    given = {"model": "run", "images": photos, "output_dir": tmp_path}
    flags = [f"--{name}={value}" for name, value in given.items() if name != missing]
    with pytest.raises(InputError, match=f"--{missing} is missing: "):
        predict(*flags)


def test_flags_that_contradict_the_model_are_refused(tiny_run, tiny_export, photos, tmp_path):
    flags = (f"--images={photos}", f"--output_dir={tmp_path / 'out'}")
    with pytest.raises(InputError, match="num_classes=21 contradicts .*num_classes=4"):
        predict(f"--model={tiny_run}", *flags, "--num_classes=21")
    with pytest.raises(InputError, match="output_stride=8: the export in .* is fixed"):
        predict(f"--model={tiny_export}", *flags, "--output_stride=8")
    assert not pathlib.Path(tmp_path / "out").exists()
