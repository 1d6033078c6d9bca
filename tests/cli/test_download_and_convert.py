"""The command download_and_convert, on miniature archives."""

import os
import pathlib
import subprocess
import sys

import pytest
from miniature_sets import CITYSCAPES_LABELS, cityscapes, lfw, voc
from miniatures import stripes

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.download_and_convert import PublicConfig, command
from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.data.checking.sources import RecordSource

ROOT = pathlib.Path(__file__).resolve().parents[2]


def called(*argv):
    command(binding.parse(argv, (PublicConfig,)))


def test_cityscapes_from_its_archives(tmp_path, capsys):
    cityscapes(tmp_path / "zips")
    where = [f"--archives={tmp_path}/zips", f"--output_dir={tmp_path}/records"]
    called("--dataset=cityscapes", *where, "--num_shards=2")
    told = capsys.readouterr().out
    assert "terms: own terms: non-commercial research" in told
    assert "warning: train_fine: 3 examples, published are 2975: a part of the set, or files lack" in told
    assert f"files unpacked into {tmp_path}/zips/unpacked/cityscapes" in told
    descriptor = load_descriptor(f"{tmp_path}/records")
    assert {name: (split.examples, split.shards) for name, split in descriptor.splits.items()} == {
        "train_fine": (3, 2),
        "val_fine": (1, 1),
    }
    example = RecordSource(f"{tmp_path}/records", ["val_fine"]).read("val_fine", 0)
    assert (example.label == stripes(CITYSCAPES_LABELS)).all()


def test_the_steps_apart(tmp_path, capsys):
    lfw(tmp_path)
    called("--dataset=lfw_parts", f"--archives={tmp_path}", "--step=download")
    told = capsys.readouterr().out
    assert (
        f"note: {tmp_path}/lfw-funneled.tgz is not the published file" in told and not (tmp_path / "unpacked").exists()
    )
    where = [f"--output_dir={tmp_path}/records", "--splits=train,val", "--step=convert"]
    called("--dataset=lfw_parts", f"--archives={tmp_path}", f"--unpacked_dir={tmp_path}/tree", *where)
    assert "unpacked into" in capsys.readouterr().out
    for archive in tmp_path.glob("*.tgz"):
        archive.unlink()
    called("--dataset=lfw_parts", f"--unpacked_dir={tmp_path}/tree/lfw_parts", *where)
    assert {name: split.examples for name, split in load_descriptor(f"{tmp_path}/records").splits.items()} == {
        "train": 2,
        "val": 1,
    }


def test_flawed_examples_are_left_out_on_request(tmp_path, capsys):
    voc(tmp_path)
    where = ["--dataset=pascal_voc_seg", f"--archives={tmp_path}", f"--output_dir={tmp_path}/records"]
    called(*where)
    for gone in (tmp_path / "unpacked").rglob("2008_000008.*"):
        gone.unlink()
    with pytest.raises(InputError, match=r"1 problem .*\n.*2008_000008.jpg: is missing"):
        called(*where[:1], f"--unpacked_dir={tmp_path}/unpacked", where[2])
    called(*where[:1], f"--unpacked_dir={tmp_path}/unpacked", where[2], "--skip_bad")
    assert load_descriptor(f"{tmp_path}/records").split("train").examples == 1
    assert "2008_000008.jpg: is missing" in (tmp_path / "records" / "problems.csv").read_text()


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["--archives=a", "--output_dir=b"], "--dataset is missing"),
        (["--dataset=camvid", "--output_dir=b"], "--archives is missing"),
        (["--dataset=camvid", "--archives=a"], "--output_dir is missing"),
        (["--dataset=camvid", "--archives=a", "--output_dir=b", "--step=unpack"], "legal are all, download, convert"),
        (["--dataset=imagenet", "--archives=a", "--output_dir=b"], "no public dataset is called 'imagenet'"),
    ],
)
def test_what_is_missing_is_said(argv, why):
    with pytest.raises(InputError, match=why):
        called(*argv)


def test_real_sets_as_they_lie(shared, tmp_path):
    data = shared / "data"
    if not data.is_dir():
        pytest.skip("there is no real data")
    called(
        "--dataset=lfw_parts",
        f"--archives={data}/lfw_parts",
        f"--unpacked_dir={tmp_path}/tree",
        f"--output_dir={tmp_path}/faces",
        "--splits=val",
        "--step=convert",
    )
    faces = load_descriptor(f"{tmp_path}/faces").split("val")
    assert faces.examples == 300 and faces.ignored_pixels == 0
    assert [round(1000 * pixels / sum(faces.class_pixels)) for pixels in faces.class_pixels] == [684, 103, 213]
    called(
        "--dataset=camvid", f"--unpacked_dir={data}/camvid_subset", f"--output_dir={tmp_path}/street", "--splits=val"
    )
    street = load_descriptor(f"{tmp_path}/street").split("val")
    assert street.examples == 21 and street.largest_image == (360, 480)
    assert street.ignored_pixels + sum(street.class_pixels) == 21 * 360 * 480


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "datasets").glob("*.sh")))
def test_scripts_of_the_official_names(tmp_path, script):
    if "cityscapes" in script:
        cityscapes(tmp_path / "zips")
    environment = {**os.environ, "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"}
    result = subprocess.run(
        [str(ROOT / "datasets" / script), str(tmp_path / "zips"), "--step=convert"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    if "cityscapes" in script:
        assert result.returncode == 0, result.stderr
        assert load_descriptor(f"{tmp_path}/zips/tfrecord").split("train_fine").examples == 3
    else:
        assert result.returncode == 2 and f"needs files that are not in {tmp_path}/zips" in result.stderr
