"""The command benchmark_conversion measures what it says, on a few files."""

import os
import re

import pytest
from PIL import Image

from deeplab_tf2.cli import benchmark_conversion, binding
from deeplab_tf2.config import InputError


def write_pairs(folder, names):
    for kind in ("images", "masks"):
        (folder / kind).mkdir()
    for name in names:
        Image.new("RGB", (30, 20)).save(folder / "images" / f"{name}.jpg")
        Image.new("L", (30, 20)).save(folder / "masks" / f"{name}.png")


def run(folder, *argv):
    flags = [f"--image_folder={folder}/images", f"--semantic_segmentation_folder={folder}/masks"]
    config = (benchmark_conversion.RatesConfig,)
    benchmark_conversion.command(binding.parse([*flags, "--class_names=a,b,c", *argv], config))


def test_all_ways_are_measured(tmp_path, capsys):
    write_pairs(tmp_path, ["a", "b", "c"])
    run(tmp_path, "--repeats=1", f"--scratch={tmp_path}")
    told = capsys.readouterr().out
    rates = [int(rate) for rate in re.findall(r": (\d+) images/s", told)]
    assert told.startswith("3 pairs, 1 rounds") and len(rates) == 4 and min(rates) > 0
    assert "plain copy" in told and "decoding in a session" in told and "--verify=full" in told
    assert sorted(os.listdir(tmp_path)) == ["images", "masks"]


def test_what_cannot_be_measured(tmp_path):
    write_pairs(tmp_path, ["a", "b"])
    os.remove(tmp_path / "masks" / "a.png")
    with pytest.raises(InputError, match="1 problems and 1 pairs"):
        run(tmp_path)
    with pytest.raises(InputError, match="--repeats=0"):
        run(tmp_path, "--repeats=0")
