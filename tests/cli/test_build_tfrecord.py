import os
import zlib

import numpy as np
import pytest
from PIL import Image

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.build_tfrecord import BuildConfig, command
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor


@pytest.fixture
def folder(tmp_path):
    """images/, masks/ and lists/ with ten small pairs; class "tree" never occurs."""
    for name in ("images", "masks", "lists"):
        (tmp_path / name).mkdir()
    for number in range(10):
        image = np.random.default_rng(number).integers(0, 256, (16, 24, 3), dtype=np.uint8)
        Image.fromarray(image).save(tmp_path / "images" / f"{number}.png")
        labels = np.zeros((16, 24), np.uint8)
        labels[0, 0], labels[:, -1] = 1, 255
        Image.fromarray(labels).save(tmp_path / "masks" / f"{number}.png")
    (tmp_path / "lists" / "train.txt").write_text("".join(f"/old/images/{number}.png\n" for number in range(8)))
    (tmp_path / "lists" / "val.txt").write_text("8\n9\n")
    return tmp_path


def build(folder, *more, lists=True):
    arguments = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/masks"]
    arguments += [f"--list_folder={folder}/lists"] * lists
    arguments += [f"--output_dir={folder}/records", "--class_names=sky,road,tree", *more]
    command(binding.parse(arguments, (BuildConfig,)))
    return load_descriptor(f"{folder}/records")


def test_command_converts_and_tells(folder, capsys):
    descriptor = build(folder)
    assert descriptor.name == "records"
    assert descriptor.class_names == ("sky", "road", "tree")
    assert descriptor.ignore_label == 255
    assert {split: row.examples for split, row in descriptor.splits.items()} == {
        "train": 8,
        "val": 2,
        "trainval": 10,
    }
    told = capsys.readouterr().out
    assert "8 lines in train.txt: dropped the prefix /old/images" in told
    assert "24 x 16" in told
    assert "warning: split train: no pixel belongs to tree" in told
    assert "warning: split val: sky covers 99.7%" in told
    assert "0.499 mIoU" in told
    assert told.endswith(f"records and descriptor: {folder}/records\n")


def test_bad_files_are_left_out_where_that_is_wanted(folder, capsys):
    (folder / "masks" / "3.png").write_bytes(b"")
    with pytest.raises(InputError, match="3.png: the file is empty"):
        build(folder)
    with pytest.raises(InputError, match="more than --skip_limit=0"):
        build(folder, "--skip_bad", "--skip_limit=0")
    assert build(folder, "--skip_bad").split("train").examples == 7
    assert "1 example was left out; why, is listed in" in capsys.readouterr().out
    (folder / "masks" / "3.png").write_bytes((folder / "masks" / "4.png").read_bytes())
    assert build(folder).split("train").examples == 8
    assert not (folder / "records" / "problems.csv").exists()


def test_images_are_decoded_on_request(folder):
    data = bytearray((folder / "images" / "3.png").read_bytes())
    place = data.index(b"IDAT") + 4
    length = int.from_bytes(data[place - 8 : place - 4], "big")
    data[place : place + length] = bytes(length)
    data[place + length : place + length + 4] = zlib.crc32(data[place - 4 : place + length]).to_bytes(4, "big")
    (folder / "images" / "3.png").write_bytes(data)
    build(folder)
    with pytest.raises(InputError, match="3.png: truncated or damaged"):
        build(folder, "--verify=full")
    with pytest.raises(InputError, match="--verify=fast; legal are header and full"):
        build(folder, "--verify=fast")


def settings(folder, *more):
    flags = [f"--image_folder={folder}/images", "--class_names=a,b", f"--output_dir={folder}/records", *more]
    return BuildConfig(**binding.parse(flags, (BuildConfig,))[BuildConfig]).settings()


def test_what_a_resumed_conversion_may_change(folder):
    (folder / "classes.json").write_text('[{"name": "a"}, {"name": "b"}]')
    for flags in (["--resume"], ["--num_shards=7"], ["--skip_bad"], ["--name=other"]):
        assert settings(folder, *flags) == settings(folder)
    before = settings(folder, f"--label_map={folder}/classes.json")
    (folder / "classes.json").write_text('[{"name": "a"}, {"name": "c"}]')
    changed = [settings(folder, f"--label_map={folder}/classes.json")]
    changed += [settings(folder, flag) for flag in ("--ignore_label=0", "--binary_masks", "--verify=full")]
    assert len({before, settings(folder), *changed}) == 6
    instances = folder / "instances.json"
    told = set()
    for text in ("{}", "[]"):
        instances.write_text(text)
        told.add(settings(folder, f"--semantic_segmentation_folder={instances}"))
    assert len(told) == 2


def test_a_conversion_is_continued(folder, capsys):
    build(folder)
    whole = {path.name: path.read_bytes() for path in (folder / "records").iterdir()}
    build(folder, "--resume")
    assert {path.name: path.read_bytes() for path in (folder / "records").iterdir()} == whole


def test_options_of_a_runner_need_one(folder):
    with pytest.raises(InputError, match="--runner_options are those of a --runner"):
        build(folder, "--runner_options=a=b")


def test_polygons_of_labelme_beside_their_images(folder):
    import json

    box = {"label": "road", "points": [[1, 2], [5, 4]], "shape_type": "rectangle"}
    for number in range(10):
        file = {"shapes": [box], "imageHeight": 16, "imageWidth": 24}
        (folder / "images" / f"{number}.json").write_text(json.dumps(file))
    descriptor = build(folder, f"--semantic_segmentation_folder={folder}/images", "--resume")
    assert descriptor.split("train").class_pixels == (8 * (16 * 24 - 8), 8 * 8, 0)


def test_polygons_of_one_file_name_the_classes(folder):
    import json

    polygons = [[1, 2, 5, 2, 5, 4, 1, 4]]
    images = [{"id": number, "file_name": f"{number}.png", "height": 16, "width": 24} for number in range(10)]
    annotations = [{"id": 0, "image_id": 3, "category_id": 7, "segmentation": polygons, "iscrowd": 0}]
    file = {"images": images, "annotations": annotations, "categories": [{"id": 7, "name": "crack"}]}
    (folder / "instances.json").write_text(json.dumps(file))
    arguments = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/instances.json"]
    arguments += [f"--list_folder={folder}/lists", f"--output_dir={folder}/records"]
    command(binding.parse(arguments, (BuildConfig,)))
    descriptor = load_descriptor(f"{folder}/records")
    assert descriptor.class_names == ("background", "crack")
    assert descriptor.split("train").class_pixels == (8 * 16 * 24 - 8, 8)
    del images[4:6]
    (folder / "fewer.json").write_text(json.dumps(file))
    with pytest.raises(InputError, match=r"train.txt:5: no mask image 4 in .*fewer.json"):
        command(binding.parse([*arguments, f"--semantic_segmentation_folder={folder}/fewer.json"], (BuildConfig,)))


def test_faces_with_palette_masks(folder):
    """19 classes, left and right told apart by their names alone."""
    names = (
        "background,skin,nose,eye_g,l_eye,r_eye,l_brow,r_brow,l_ear,r_ear,mouth,u_lip,l_lip,hair,hat,ear_r,neck_l,neck"
    )
    labels = np.arange(16 * 24, dtype=np.uint8).reshape(16, 24) % 19
    for number in range(10):
        mask = Image.fromarray(labels)
        mask.putpalette([(37 * value + 91) % 256 for value in range(768)])
        mask.save(folder / "masks" / f"{number}.png")
    arguments = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/masks"]
    arguments += [f"--list_folder={folder}/lists", f"--output_dir={folder}/records", f"--class_names={names},cloth"]
    command(binding.parse(arguments, (BuildConfig,)))
    descriptor = load_descriptor(f"{folder}/records")
    counts = np.bincount(labels.ravel())
    np.testing.assert_array_equal(descriptor.split("train").class_pixels, 8 * counts)
    assert descriptor.mirrored_pairs == (("l_eye", "r_eye"), ("l_brow", "r_brow"), ("l_ear", "r_ear"))


def test_files_that_no_split_uses_are_listed(folder):
    (folder / "lists" / "train.txt").write_text("0\n")
    build(folder)
    listed = (folder / "records" / "left_out.csv").read_text().splitlines()
    assert listed[0] == "name,problem" and len(listed) == 8
    assert listed[1] == f"{folder}/images/1.png,{folder}/images/1.png: no list names the image"
    (folder / "masks" / "lonely.png").write_bytes((folder / "masks" / "1.png").read_bytes())
    build(folder, lists=False)
    assert "lonely.png: the mask has no image" in (folder / "records" / "left_out.csv").read_text()
    (folder / "masks" / "lonely.png").unlink()
    build(folder, lists=False)
    assert not (folder / "records" / "left_out.csv").exists()


def test_equal_images_in_two_splits_are_told(folder, capsys):
    (folder / "images" / "9.png").write_bytes((folder / "images" / "0.png").read_bytes())
    build(folder)
    assert "note: 1 image of val lies in train too, byte by byte" in capsys.readouterr().out


def test_flags_reach_the_descriptor(folder, capsys):
    descriptor = build(folder, "--colors=#000000,ff8000,#0000ff", "--name=toy", "--num_shards=2", "--image_format=jpg")
    assert descriptor.name == "toy"
    assert descriptor.colors == ((0, 0, 0), (255, 128, 0), (0, 0, 255))
    assert descriptor.split("train").shards == 2
    assert "--image_format has no effect" in capsys.readouterr().err


def test_without_lists_the_split_is_seeded(folder):
    descriptor = build(folder, "--validation_share=0.3", "--seed=4", lists=False)
    assert (descriptor.split("train").examples, descriptor.split("val").examples) == (7, 3)


def test_older_shards_of_other_splits_are_noted(folder, capsys):
    build(folder)
    os.remove(folder / "lists" / "val.txt")
    assert set(build(folder).splits) == {"train"}
    told = capsys.readouterr().out
    assert "older shards of split val were left alone" in told
    assert "older shards of split trainval were left alone" in told


LABEL_MAP = """name,id,color
road,1,#ff8000
sky,0,#0000ff
tree,2 200,#00ff00
"""


@pytest.fixture
def painted(folder):
    """The folder with colour masks, and the path of their label map."""
    (folder / "map.csv").write_text(LABEL_MAP)
    for path in (folder / "masks").iterdir():
        labels = np.minimum(np.asarray(Image.open(path)), 2)
        Image.fromarray(np.array([(0, 0, 255), (255, 128, 0), (0, 255, 0)], np.uint8)[labels]).save(path)
    return folder


def map_only(folder, *more):
    arguments = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/masks"]
    arguments += [f"--label_map={folder}/map.csv", f"--output_dir={folder}/records", *more]
    command(binding.parse(arguments, (BuildConfig,)))
    return load_descriptor(f"{folder}/records")


def test_colour_masks_through_a_label_map(painted):
    descriptor = map_only(painted, f"--list_folder={painted}/lists")
    assert descriptor.class_names == ("road", "sky", "tree")
    assert descriptor.colors == ((255, 128, 0), (0, 0, 255), (0, 255, 0))
    assert descriptor.split("val").class_pixels == (2, 2 * (16 * 23 - 1), 2 * 16)


def test_index_masks_through_a_label_map(folder):
    (folder / "map.csv").write_text(LABEL_MAP)
    descriptor = map_only(folder, "--class_names=road,sky,tree")
    assert descriptor.split("train").class_pixels == (8, 8 * (16 * 23 - 1), 0)
    assert descriptor.split("train").ignored_pixels == 8 * 16


def test_classes_that_swap_come_from_the_label_map(folder):
    (folder / "map.csv").write_text("name,id,mirror\nroad,1,tree\nsky,0,\ntree,2 200,road\n")
    assert map_only(folder).mirror_pairs == (("road", "tree"),)
    (folder / "map.csv").write_text(LABEL_MAP)
    assert map_only(folder).mirror_pairs is None


def test_a_label_map_that_contradicts_flags(painted):
    with pytest.raises(InputError, match="--class_names differs from label_map .*map.csv; leave --class_names out"):
        map_only(painted, "--class_names=sky,road,tree")
    with pytest.raises(InputError, match="--colors differs"):
        map_only(painted, "--colors=#0000ff,#ff8000,#00ff00")


def test_lossy_masks_need_a_choice(painted):
    for path in (painted / "masks").iterdir():
        Image.open(path).save(path.with_suffix(".jpg"), quality=95, subsampling=0)
        path.unlink()
    with pytest.raises(InputError, match="10 problems.*\n.*JPEG file, whose compression"):
        map_only(painted)
    share = map_only(painted, "--unknown_colors=nearest").split("train").class_pixels
    np.testing.assert_allclose(share, [8, 8 * 16 * 23, 8 * 16], rtol=0.1, atol=40)


def test_black_and_white_masks(folder):
    for path in (folder / "masks").iterdir():
        Image.fromarray(np.where(np.asarray(Image.open(path)) == 1, 200, 30).astype(np.uint8)).save(path)
    (folder / "map.csv").write_text("name\ngood\nbad\n")
    descriptor = map_only(folder, "--binary_masks")
    assert descriptor.split("train").class_pixels == (8 * (16 * 24 - 1), 8)


def test_folders_that_are_classes(folder):
    for path in (folder / "masks").iterdir():
        kind = ("crack", "hole")[int(path.stem) % 2]
        for role in ("images", "masks"):
            (folder / role / kind).mkdir(exist_ok=True)
            (folder / role / path.name).rename(folder / role / kind / path.name)
        half = np.zeros((16, 24), np.uint8)
        half[:8] = 255
        Image.fromarray(half).save(folder / "masks" / kind / path.name)
    (folder / "map.csv").write_text("name\ngood\nhole\ncrack\n")
    descriptor = map_only(folder, "--binary_masks", "--class_by_folder")
    assert descriptor.split("trainval").class_pixels == (10 * 192, 5 * 192, 5 * 192)
    with pytest.raises(InputError, match="say --binary_masks too"):
        map_only(folder, "--class_by_folder")
    (folder / "map.csv").write_text("name\ngood\nhole\n")
    with pytest.raises(InputError, match="5 problems.*\n.*crack/0.png: lies in no folder that is called like a class"):
        map_only(folder, "--binary_masks", "--class_by_folder")


def test_suffixes_in_one_folder(folder):
    for path in (folder / "masks").iterdir():
        path.rename(folder / "images" / f"{path.stem}_mask.png")
    (folder / "map.csv").write_text("name\nsky\nroad\ntree\n")
    same = f"--semantic_segmentation_folder={folder}/images"
    assert map_only(folder, same, "--mask_suffix=_mask").split("trainval").examples == 10


def test_masks_of_half_the_size(folder):
    Image.fromarray(np.full((8, 12), 2, np.uint8)).save(folder / "masks" / "9.png")
    with pytest.raises(InputError, match="9.png: the mask has 12 x 8 pixels.*say --resize_masks=nearest"):
        build(folder)
    assert build(folder, "--resize_masks=nearest").split("val").class_pixels[2] == 16 * 24


@pytest.mark.parametrize("missing", ["image_folder", "output_dir", "class_names"])
def test_required_flags(missing):
    given = {"image_folder": "images", "output_dir": "records", "class_names": ("sky", "road")}
    del given[missing]
    with pytest.raises(InputError, match=f"--{missing} is missing"):
        BuildConfig(**given)


@pytest.mark.parametrize("colors", ["#00000", "red,green,blue"])
def test_colours_that_are_none(folder, colors):
    with pytest.raises(InputError, match="legal is #rrggbb"):
        build(folder, f"--colors={colors}")
