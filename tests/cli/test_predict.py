import json
import pathlib
import re

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.predict import CONFIGS, command
from deeplab_tf2.config import InputError
from deeplab_tf2.inference import loading
from deeplab_tf2.inference.predict import segment

SIZES = {"first.jpg": (40, 52), "second.png": (33, 65), "first.png": (25, 18)}


def predict(*arguments):
    return command(binding.parse(arguments, CONFIGS))


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / "notes.txt").touch()
    for name, size in SIZES.items():
        Image.fromarray(np.random.default_rng(size[0]).integers(0, 256, (*size, 3), np.uint8)).save(folder / name)
    Image.new("RGB", (9, 9)).save(folder / "deeper" / "other.png")
    return folder


@pytest.fixture
def at_hand(tiny, monkeypatch):
    """Spares the time of loading the network once more."""
    monkeypatch.setattr(loading, "load", lambda *given: tiny)


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
    assert re.match(r"segmented 3 images: (\w+ [\d.]+ %(, )?){4}\n", printed) and f"results: {out}" in printed
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


def test_flags_that_contradict_the_model_are_refused(tiny_run, tiny_export, photos, tmp_path):
    flags = (f"--images={photos}", f"--output_dir={tmp_path / 'out'}")
    with pytest.raises(InputError, match="num_classes=21 contradicts .*num_classes=4"):
        predict(f"--model={tiny_run}", *flags, "--num_classes=21")
    with pytest.raises(InputError, match="output_stride=8: the export in .* is fixed"):
        predict(f"--model={tiny_export}", *flags, "--output_stride=8")
    assert not pathlib.Path(tmp_path / "out").exists()


def test_every_form_in_one_call(tiny, tiny_run, photos, tmp_path):
    out = tmp_path / "out"
    forms = "index,overlay,cutout,probabilities,labelme,coco"
    flags = (f"--outputs={forms}", "--cutout_classes=disc,ring", "--predict_batch_size=2", "--polygon_tolerance=0.5")
    assert predict(f"--model={tiny_run}", f"--images={photos}", f"--output_dir={out}", *flags) == 0
    ends = ("_index.png", "_overlay.png", "_cutout.png", "_probabilities.npz", ".json")
    stems = ("first.jpg", "first.png", "second")
    assert {path.name for path in out.iterdir()} == {stem + end for stem in stems for end in ends} | {"coco.json"}
    expected = segment(tiny, photos / "second.png").probabilities
    with np.load(out / "second_probabilities.npz") as file, Image.open(out / "second_cutout.png") as cutout:
        np.testing.assert_allclose(file["probabilities"], expected, atol=1e-5)
        np.testing.assert_allclose(np.asarray(cutout)[..., 3] / 255, expected[..., 1:3].sum(-1), atol=3e-3)
    coco = json.loads((out / "coco.json").read_text())
    assert sorted(image["file_name"] for image in coco["images"]) == sorted(SIZES)
    assert {row["image_id"] for row in coco["annotations"]} == {1, 2, 3}


def test_what_does_not_go_together_is_refused_before_anything_is_written(tiny_run, photos, tmp_path):
    (photos / "film.mp4").write_bytes(b"")
    film = photos / "film.mp4"
    for flags, message in [
        ((f"--images={photos}", "--outputs=mask,xml"), "--outputs=mask,xml: xml; legal are mask"),
        (
            (f"--images={photos}", "--outputs=cutout", "--cutout_classes=cat"),
            "--cutout_classes: no class is called cat",
        ),
        ((f"--images={photos}", "--tile_overlap=8"), "--tile_overlap has no effect here"),
        ((f"--images={film}", "--outputs=mask,coco"), "--outputs=coco is about image files, and .*film.mp4 is a video"),
        ((f"--images={photos}", "--predict_batch_size=0"), "predict_batch_size is 0"),
    ]:
        with pytest.raises(InputError, match=message):
            predict(f"--model={tiny_run}", f"--output_dir={tmp_path / 'out'}", *flags)
    assert not (tmp_path / "out").exists()


def test_nothing_beside_the_images_is_replaced(at_hand, photos, tmp_path):
    (photos / "second_mask.png").write_bytes(b"by hand")
    flags = ("--model=any", f"--images={photos / 'first.jpg'},{photos / 'second.png'}")
    with pytest.raises(InputError, match=r"second_mask.png of .*second.png would replace what lies beside the images"):
        predict(*flags, f"--output_dir={photos}")
    assert (photos / "second_mask.png").read_bytes() == b"by hand" and not (photos / "first_mask.png").exists()
    for _ in range(2):
        assert predict(*flags, f"--output_dir={tmp_path / 'out'}") == 0


def test_the_files_of_all_images_are_not_those_of_one(at_hand, tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "coco.jpg")
    flags = ("--model=any", f"--images={tmp_path / 'coco.jpg'}", "--outputs=labelme,coco")
    with pytest.raises(InputError, match="coco.json of all images would replace"):
        (tmp_path / "coco.json").touch()
        predict(*flags, f"--output_dir={tmp_path}")
    out = tmp_path / "out"
    assert predict(*flags, f"--output_dir={out}") == 0
    assert sorted(path.name for path in out.iterdir()) == ["coco.json", "coco_2.json"]
    assert "shapes" in json.loads((out / "coco_2.json").read_text())
    assert "images" in json.loads((out / "coco.json").read_text())


def test_a_folder_that_cannot_be_made_and_an_array_for_a_network_of_photographs(at_hand, photos, tmp_path, capsys):
    (tmp_path / "file").touch()
    flags = ("--model=any", f"--images={photos / 'second.png'}")
    for folder in ("file", "file/out"):
        with pytest.raises(InputError, match=f"{tmp_path / folder}: cannot be made"):
            predict(*flags, f"--output_dir={tmp_path / folder}")
    np.save(photos / "second.npy", np.zeros((9, 9, 3), np.uint8))
    images = f"--images={photos / 'second.png'},{photos / 'second.npy'}"
    assert predict(flags[0], images, f"--output_dir={tmp_path / 'out'}") == 1
    assert f"failed: {photos / 'second.npy'}: no image" in capsys.readouterr().err
    assert predict(flags[0], f"--images={photos / 's*'}", f"--output_dir={tmp_path / 'beside'}") == 0
    assert list(masks(tmp_path / "beside")) == ["second"], "what is left out does not change names"


def test_tiles_and_a_video_that_is_none(tiny_run, photos, tmp_path, capsys):
    tiles = ("--tile_size=49,49", "--tile_overlap=16")
    assert predict(f"--model={tiny_run}", f"--images={photos}", f"--output_dir={tmp_path / 'out'}", *tiles) == 0
    assert {name: mask.shape for name, mask in masks(tmp_path / "out").items()} == {
        "first.jpg": (40, 52),
        "first.png": (25, 18),
        "second": (33, 65),
    }
    (photos / "film.mp4").write_bytes(b"no film")
    flags = (f"--images={photos / 'second.png'}", f"--images={photos / 'film.mp4'}", f"--output_dir={tmp_path / 'b'}")
    assert predict(f"--model={tiny_run}", *flags) == 1
    told = capsys.readouterr()
    assert f"failed: {photos / 'film.mp4'}: no video" in told.err and "segmented 1 image: " in told.out
