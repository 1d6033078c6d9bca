"""The same bytes from Beam as from threads, in an environment that has Beam."""

import os
import subprocess
import sys

import pytest
from toy_files import encoded, palette_mask, stripes, write, write_pairs

from deeplab_tf2.config import InputError
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.conversion.beam_runner import BeamRunner
from deeplab_tf2.data.conversion.convert import Options, convert
from deeplab_tf2.data.pairing.lists import pair_files
from deeplab_tf2.pictures.palettes import default_colors

VARIABLE = "DEEPLAB_TF2_BEAM_PYTHON"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def python_with_beam():
    path = os.environ.get(VARIABLE)
    if not path:
        pytest.skip(f"{VARIABLE} does not name a Python that has apache-beam")
    return path


def build(python, folder, output, *flags):
    command = [python, os.path.join(ROOT, "datasets", "build_tfrecord.py"), f"--image_folder={folder}/images"]
    command += [f"--semantic_segmentation_folder={folder}/masks", "--class_names=a,b,c", f"--output_dir={output}"]
    return subprocess.run([*command, *flags], capture_output=True, text=True, check=False)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_beam_gives_the_same_bytes(tmp_path):
    python = python_with_beam()
    folder, masks = write_pairs(tmp_path, [f"{number:02d}" for number in range(11)])
    write(tmp_path / "masks" / "03.png", encoded(palette_mask(stripes(labels=(0, 2, 255)))))
    descriptor = Descriptor("beam", ("a", "b", "c"), default_colors(3))
    convert(pair_files(folder, masks).splits, str(tmp_path / "threads"), descriptor, options=Options(num_shards=3))
    done = build(python, tmp_path, tmp_path / "out", "--runner=DirectRunner", "--num_shards=3", "--name=beam")
    assert done.returncode == 0, done.stderr
    assert contents(tmp_path / "out") == contents(tmp_path / "threads")
    write(tmp_path / "masks" / "05.png", b"broken")
    failed = build(python, tmp_path, tmp_path / "bad", "--runner=DirectRunner")
    assert failed.returncode == 2 and "05.png" in failed.stderr and "Traceback" not in failed.stderr
    assert os.listdir(tmp_path / "bad") == ["problems.csv"]
    flags = ("--runner=DirectRunner", "--skip_bad", "--runner_options=direct_num_workers=2")
    lenient = build(python, tmp_path, tmp_path / "bad", *flags)
    assert lenient.returncode == 0 and "1 example was left out" in lenient.stdout, lenient.stderr


def test_without_beam_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    with pytest.raises(InputError, match=r"pip install 'deeplab-tf2\[beam\]'"):
        BeamRunner("DirectRunner")
