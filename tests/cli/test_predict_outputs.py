import os
import time

import pytest

from deeplab_tf2.cli.predict_inputs import Input
from deeplab_tf2.cli.predict_outputs import names_in_coco, numbered, refuse_replacing, results, with_stems
from deeplab_tf2.config import InputError


def files(named, *outputs):
    return [(file, one.name) for one in named for file in results(one, outputs)]


def test_no_result_replaces_another():
    images = ["x/a.jpg", "y/a.jpg", "a.png", "a.jpg.png", "A.tif", "b.png"]
    named = with_stems([Input(name) for name in images], "out")
    assert [one.name for one in named] == images
    stems = {one.name: one.stem for one in named}
    assert len({stem.lower() for stem in stems.values()}) == len(images)
    assert stems["b.png"] == os.path.join("out", "b")
    assert stems["a.png"] == os.path.join("out", "a.png")


def test_names_that_are_taken_get_a_number():
    (named,) = with_stems([Input("Coco.jpg")], "out", ["coco"])
    assert named.stem == os.path.join("out", "Coco_2")


def test_numbers_are_told_with_the_images_they_are_of():
    named = with_stems([Input("x/a.jpg"), Input("y/a.jpg"), Input("y/a.png"), Input("z/\udce9/a.jpg")], "out")
    assert list(numbered(named)) == [
        "the results a.jpg_2... are of y/a.jpg",
        "the results a.jpg_3... are of z/?/a.jpg",
    ]


def test_many_images_of_one_name_are_soon_called():
    began = time.thread_time()
    named = with_stems([Input(f"{number}/a.jpg") for number in range(20_000)], "out")
    assert len({one.stem for one in named}) == 20_000
    assert time.thread_time() - began < 5, "a search from the first number on would take a minute"


@pytest.fixture
def folder(tmp_path):
    """What somebody has: photographs, a mask and polygons drawn by hand."""
    made = tmp_path / "gt"
    made.mkdir()
    for name in ("a.jpg", "b.jpg", "a_mask.png", "a.json", "coco.json"):
        (made / name).write_bytes(name.encode())
    return made


@pytest.mark.parametrize(("output", "file"), [("mask", "a_mask.png"), ("labelme", "a.json")])
def test_no_result_replaces_what_lies_beside_an_image(tmp_path, folder, output, file):
    images = [Input(str(folder / name)) for name in ("a.jpg", "b.jpg")]
    here = with_stems(images, str(folder))
    with pytest.raises(InputError, match=f"{file} of .*a.jpg would replace what lies .* choose another --output_dir"):
        refuse_replacing(files(here, output), here)
    refuse_replacing(files(here, "index"), here)
    (tmp_path / "link").symlink_to(folder)
    linked = with_stems(images, str(tmp_path / "link"))
    with pytest.raises(InputError, match="would replace"):
        refuse_replacing(files(linked, output), linked)


def test_results_elsewhere_are_replaced(tmp_path, folder):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a_mask.png").touch()
    named = with_stems([Input(str(folder / "a.jpg"))], str(tmp_path / "out"))
    refuse_replacing(files(named, "mask"), named)


def test_no_result_replaces_an_image_of_another_folder(tmp_path, folder):
    images = [Input(str(folder / "a.jpg")), Input(str(tmp_path / "out" / "a_mask.png"))]
    named = with_stems(images, str(tmp_path / "out"))
    with pytest.raises(InputError, match="a_mask.png of .*a.jpg would replace"):
        refuse_replacing(files(named, "mask"), named)


def test_frames_of_a_video_go_into_no_folder_of_images(tmp_path, folder):
    named = with_stems([Input(str(folder / "a.jpg")), Input("x/gt.mp4")], str(tmp_path))
    assert results(named[1], ["overlay"]) == [str(tmp_path / "gt_overlay.mp4")]
    refuse_replacing(files(named, "overlay"), named)
    with pytest.raises(InputError, match=f"{folder} of x/gt.mp4 would replace"):
        refuse_replacing(files(named, "mask"), named)


def test_what_is_written_of_tiles_goes_by_the_kind_of_image():
    named = with_stems([Input("a.TIF"), Input("b.jpg")], "out")
    found = [results(one, ["mask", "overlay"], tiled=True) for one in named]
    ends = (("a_mask.tif", "a_overlay.tif"), ("b_mask.png", "b_overlay.png"))
    assert found == [[os.path.join("out", name) for name in names] for names in ends]


def test_coco_names_images_from_their_common_folder():
    given = [Input("x/y/a.jpg"), Input("x/z/a.jpg")]
    assert list(names_in_coco(given).values()) == [os.path.join("y", "a.jpg"), os.path.join("z", "a.jpg")]
