import pytest

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.predict_flags import CONFIGS, PredictConfig, check_tiled, chosen, chosen_inputs
from deeplab_tf2.config import InputError, TileConfig

TILES = ("--tile_size=65", "--tile_overlap=8")


def parsed(*flags):
    return chosen(binding.parse(("--model=run", "--images=a.jpg", "--output_dir=out", *flags), CONFIGS))


def inputs(*flags):
    config, _, tiles = chosen(binding.parse(("--model=run", "--output_dir=out", *flags), CONFIGS))
    return [one.name for one in chosen_inputs(config, tiles)]


@pytest.mark.parametrize("missing", ["model", "images", "output_dir"])
def test_a_missing_flag_is_named(missing):
    given = {"model": "run", "images": "a.jpg", "output_dir": "out"}
    flags = [f"--{name}={value}" for name, value in given.items() if name != missing]
    with pytest.raises(InputError, match=f"--{missing} is missing: "):
        chosen(binding.parse(flags, CONFIGS))


@pytest.mark.parametrize(
    ("flag", "others", "remedy"),
    [
        ("--tile_overlap=8", (), "add --tile_size"),
        ("--tile_pooling=own", (), "add --tile_size"),
        ("--cutout_classes=cat", ("--outputs=mask",), "add cutout to --outputs"),
        ("--polygon_tolerance=1", (), "add labelme or coco to --outputs"),
        ("--predict_batch_size=2", TILES, "leave out --tile_size"),
        ("--crf_iterations=3", (), "add --crf"),
    ],
)
def test_flags_without_effect_are_refused(flag, others, remedy):
    name = flag.partition("=")[0]
    with pytest.raises(InputError, match=f"^{name} .*{remedy}.* leave (it|{name}) out"):
        parsed(flag, *others)


def test_flags_that_are_unset_or_in_use_are_taken():
    config, _, tiles = parsed("--predict_batch_size=none", "--cutout_classes=none", "--outputs=mask", *TILES)
    assert config.predict_batch_size is None and tiles.tile_overlap == 8
    parsed("--outputs=cutout,coco", "--cutout_classes=cat", "--polygon_tolerance=1", "--predict_batch_size=2")


@pytest.mark.parametrize("value", ["-1", "nan", "inf"])
def test_a_tolerance_is_a_number_from_0_on(value):
    with pytest.raises(InputError, match=f"polygon_tolerance is {value}"):
        parsed("--outputs=coco", f"--polygon_tolerance={value}")


def test_forms_that_are_not_made_of_tiles_are_refused():
    with pytest.raises(InputError, match="^--outputs: mask, coco; of large images in tiles there are mask"):
        parsed("--outputs=mask,coco", *TILES)
    with pytest.raises(InputError, match="^--outputs: of tiles of 5 channels there is no overlay"):
        check_tiled(PredictConfig(), 5)
    with pytest.raises(InputError, match="--tile_size cuts .* --crf needs whole images"):
        parsed("--crf", *TILES)


def test_names_keep_their_commas_and_blanks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("first.jpg", "b, c,d.png", "e ,f.png", "last.gif"):
        (tmp_path / name).touch()
    found = inputs("--images=first.jpg, b, c,d.png,e ,f.png, last.gif ")
    assert found == ["first.jpg", "b, c,d.png", "e ,f.png", "last.gif"]
    assert inputs("--images=b, c,d.png", "--images= *.jpg") == ["b, c,d.png", "first.jpg"]
    with pytest.raises(InputError, match="--images=none.png: there is no such file"):
        inputs("--images=first.jpg, none.png")


def test_rasters_are_found_for_tiles(tmp_path):
    for name in ("a.jp2", "b.IMG", "c.jpg"):
        (tmp_path / name).touch()
    assert inputs(f"--images={tmp_path}") == [str(tmp_path / "c.jpg")]
    assert inputs(f"--images={tmp_path}", "--outputs=mask", *TILES) == [
        str(tmp_path / name) for name in ("a.jp2", "b.IMG", "c.jpg")
    ]


@pytest.mark.parametrize(
    ("flags", "about"), [(("--outputs=coco",), "--outputs=coco"), (("--outputs=mask,labelme",), "--outputs=labelme")]
)
def test_forms_that_point_to_files_need_files(tmp_path, monkeypatch, flags, about, standard_input):
    (tmp_path / "film.mp4").touch()
    with pytest.raises(InputError, match=f"{about} is about image files, and .*film.mp4 is a video"):
        inputs(f"--images={tmp_path / 'film.mp4'}", *flags)
    standard_input(b"\x93NUMPY")
    with pytest.raises(InputError, match=f"{about} is about image files, and stdin is no file"):
        inputs("--images=-", *flags)


def test_tiles_need_files(tmp_path, standard_input):
    (tmp_path / "film.mp4").touch()
    with pytest.raises(InputError, match="--tile_size cuts image files .*film.mp4 is a video"):
        inputs(f"--images={tmp_path / 'film.mp4'}", *TILES)
    standard_input(b"\x93NUMPY")
    with pytest.raises(InputError, match="--tile_size cuts image files .*stdin is no file"):
        inputs("--images=-", *TILES)


def test_no_tiles_by_default():
    assert parsed()[2] == TileConfig()
