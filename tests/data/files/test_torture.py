"""Broken and unusual files through the three commands that meet users' files: each is used right or refused by name."""

import csv
import os
import re
import shutil

import numpy as np
import pytest
import tensorflow as tf
from odd_images import BROKEN, HEIGHT, NAMES, PICTURE, SOUND, WIDTH
from PIL import Image
from toy_files import encoded, stripes, write

from deeplab_tf2.cli import binding, build_tfrecord, check_dataset, predict
from deeplab_tf2.cli.source_files import FilesConfig
from deeplab_tf2.config import InputError, ModelConfig
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.record_tensors import decode
from deeplab_tf2.data.records import Records

CLASSES = 11
VOID = 11


@pytest.fixture(scope="module")
def cases(shared):
    folder = shared / "data" / "torture"
    if not folder.is_dir():
        pytest.skip("there is no torture set")
    with open(folder / "manifest.csv", newline="") as file:
        return folder, list(csv.DictReader(file))


@pytest.fixture(scope="module")
def plain(cases):
    """The control: its picture and its labels."""
    folder = cases[0]
    return (
        np.asarray(Image.open(folder / "images" / "plain.jpg")).astype(int),
        np.asarray(Image.open(folder / "masks" / "plain.png")),
    )


def laid_out(folder, case, target):
    """The image and mask of one case, alone in folders of their own; returns the flags about them."""
    for kind in ("image", "mask"):
        (target / f"{kind}s").mkdir(parents=True)
        if case[kind] != "-":
            shutil.copy(folder / f"{kind}s" / case[kind], target / f"{kind}s")
    names = ",".join(f"class{number}" for number in range(CLASSES))
    flags = [f"--image_folder={target}/images", f"--semantic_segmentation_folder={target}/masks"]
    return [*flags, f"--class_names={names}", f"--ignore_label={VOID}", "--validation_share=0"]


def built(flags, target):
    """Builds records; returns the image and label as training reads them, or the complaint."""
    records = f"{target}/records"
    try:
        given = binding.parse([*flags, f"--output_dir={records}"], (build_tfrecord.BuildConfig,))
        build_tfrecord.command(given)
    except InputError as error:
        assert not [name for name in os.listdir(records) if "tfrecord" in name] if os.path.isdir(records) else True
        return str(error)
    image, label, _ = decode(tf.constant(Records(records, "train").read(0)), load_descriptor(records))
    return image.numpy().astype(int), label.numpy()


def checked(flags, capsys):
    """Exit status and output of a check."""
    capsys.readouterr()
    try:
        status = check_dataset.command(binding.parse(flags, (check_dataset.CheckConfig, FilesConfig)))
    except InputError as error:
        return 2, str(error)
    return status, capsys.readouterr().out


def expected_picture(case, plain):
    if case["case"] == "gray16":
        return np.asarray(Image.fromarray(plain.astype(np.uint8)).convert("L").convert("RGB")).astype(int)
    return plain


def test_records_and_checks(cases, plain, tmp_path, capsys):
    folder, rows = cases
    for number, case in enumerate(rows):
        target = tmp_path / str(number)
        flags = laid_out(folder, case, target)
        found, (status, told) = built(flags, target), checked(flags, capsys)
        stem = case["image"].partition(".")[0]
        if isinstance(found, str):
            assert case["verdict"] != "use" and stem in found and "Traceback" not in found, (case, found)
            assert status in (1, 2) and stem in told, (case, told)
        else:
            assert case["verdict"] != "refuse" and status == 0, (case, told)
            assert_control(folder, case, *found, *plain)


def assert_control(folder, case, image, label, picture, labels):
    """Almost the same picture, and the same mask."""
    if case["case"] == "one_by_one":
        assert image.shape == (1, 1, 3) and label.shape == (1, 1)
        return
    assert np.abs(image - expected_picture(case, picture)).mean() < 5, case
    if case["case"] == "mask_voc_palette":
        border = np.asarray(Image.open(folder / "masks" / case["mask"])) == 255
        assert border.any()
        labels = np.where(border, VOID, labels)
    np.testing.assert_array_equal(label, labels, err_msg=case["case"])


def test_predictions(cases, tiny_run, tmp_path, capsys):
    """All images in one call: what cannot be segmented is named, the rest is done."""
    folder, rows = cases
    flags = [f"--model={tiny_run}", f"--images={folder}/images", f"--output_dir={tmp_path}"]
    assert predict.command(binding.parse(flags, (predict.PredictConfig, ModelConfig))) == 1
    told = capsys.readouterr().err
    for case in rows:
        stem = case["image"].partition(".")[0]
        mask = tmp_path / f"{stem}_mask.png"
        if case["case"] in ("truncated", "zero_byte"):
            assert f"{case['image']}: " in told and not mask.exists()
        else:
            with Image.open(mask) as image:
                assert image.size == ((1, 1) if stem == "one_by_one" else (480, 360)), case
    assert "Traceback" not in told


def flags_of(folder, names="a,b,c"):
    flags = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/masks"]
    return [*flags, f"--class_names={names}", "--validation_share=0"]


def write_with_masks(folder, files):
    """Image files with equal masks; two files that differ in their extension only would have one mask."""
    for name, data in files.items():
        write(folder / "images" / name, data)
        write(folder / "masks" / f"{os.path.splitext(name)[0]}.png", encoded(stripes(HEIGHT, WIDTH)))


def test_every_kind_of_sound_file(tmp_path, capsys):
    files = {f"{name.replace('.', '_')}.{name.rpartition('.')[2]}": one for name, one in SOUND.items()}
    files |= {name: (encoded(PICTURE), PICTURE, 0) for name in NAMES}
    write_with_masks(tmp_path, {name: data for name, (data, _, _) in files.items()})
    for junk in ("._cmyk_jpg.jpg", "__MACOSX/a/._b.jpg", "__MACOSX/c.png", "Thumbs.db", ".DS_Store", ".git/x.png"):
        write(tmp_path / "images" / junk, b"junk")
    (tmp_path / "images" / "folder.jpg").mkdir()
    flags = flags_of(tmp_path)
    records = f"{tmp_path}/records"
    build_tfrecord.command(binding.parse([*flags, f"--output_dir={records}"], (build_tfrecord.BuildConfig,)))
    descriptor = load_descriptor(records)
    found = {}
    for position in range(len(files)):
        image, label, name = decode(tf.constant(Records(records, "train").read(position)), descriptor)
        np.testing.assert_array_equal(label.numpy(), stripes(HEIGHT, WIDTH))
        found[name.numpy().decode()] = image.numpy().astype(int)
    assert set(found) == {os.path.splitext(name)[0] for name in files}
    for name, (_, picture, tolerance) in files.items():
        assert np.abs(found[os.path.splitext(name)[0]] - picture).mean() <= tolerance, name
    status, told = checked(flags, capsys)
    assert status == 0 and "error" not in told


def test_every_kind_of_broken_file(tmp_path, capsys):
    """All are named in one message, with the reason."""
    files = {f"{name.replace('.', '_')}.{name.rpartition('.')[2]}": one for name, one in BROKEN.items()}
    write_with_masks(tmp_path, {name: data for name, (data, _) in files.items()})
    os.symlink(tmp_path / "nowhere.jpg", tmp_path / "images" / "nowhere.jpg")
    os.symlink(tmp_path / "images" / "nothing.jpg", tmp_path / "images" / "dangling.jpg")
    write(tmp_path / "masks" / "dangling.png", encoded(stripes(HEIGHT, WIDTH)))
    found = built(flags_of(tmp_path), tmp_path)
    with open(tmp_path / "records" / "problems.csv", newline="", encoding="utf-8") as file:
        problems = [" ".join(row.values()) for row in csv.DictReader(file)]
    assert len(problems) == len(files) + 1 and f"{len(problems)} problems" in found
    for name, words in [(name, words) for name, (_, words) in files.items()] + [("dangling.jpg", "cannot be read")]:
        (problem,) = (problem for problem in problems if f"/{name}: " in problem)
        assert re.search(words, problem) and "Traceback" not in problem, problem
    status, told = checked(flags_of(tmp_path), capsys)
    assert status == 1 and told.count("error: ") >= 20


def test_every_kind_of_broken_mask(tmp_path):
    for name, (data, _) in BROKEN.items():
        stem, extension = name.split(".")
        write(tmp_path / "images" / f"{stem}_{extension}.png", encoded(PICTURE))
        write(tmp_path / "masks" / f"{stem}_{extension}.{extension}", data)
    found = built(flags_of(tmp_path), tmp_path)
    assert f"{len(BROKEN)} problems" in found
    with open(tmp_path / "records" / "problems.csv", newline="", encoding="utf-8") as file:
        told = file.read()
    for name in BROKEN:
        assert f"{name.replace('.', '_')}.{name.rpartition('.')[2]}: " in told


def test_odd_files_are_segmented_or_named(tiny_run, tmp_path, capsys):
    files = {**{name: data for name, (data, *_) in {**SOUND, **BROKEN}.items()}, NAMES[0]: encoded(PICTURE)}
    for name, data in files.items():
        write(tmp_path / "images" / name, data)
    flags = [f"--model={tiny_run}", f"--images={tmp_path}/images", f"--output_dir={tmp_path}/out"]
    assert predict.command(binding.parse(flags, (predict.PredictConfig, ModelConfig))) == 1
    told = capsys.readouterr().err
    assert "Traceback" not in told
    for name in BROKEN:
        assert f"{name}: " in told
    written = [file for file in os.listdir(tmp_path / "out") if file.endswith("_mask.png")]
    assert len(written) == len(SOUND) + 1
    for file in written:
        with Image.open(tmp_path / "out" / file) as mask:
            assert mask.size == (WIDTH, HEIGHT)


def test_masks_of_half_the_size_on_request(cases, plain, tmp_path):
    folder, rows = cases
    (case,) = (row for row in rows if row["case"] == "mask_half_size")
    _, label = built([*laid_out(folder, case, tmp_path), "--resize_masks=nearest"], tmp_path)
    assert label.shape == (360, 480) and (label == plain[1]).mean() > 0.95
