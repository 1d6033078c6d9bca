import ast
import json
import pathlib
import subprocess

import numpy as np
from PIL import Image

from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.predict import segment
from deeplab_tf2.pictures.palettes import default_colors
from deeplab_tf2.serving.instructions import readme


def blocks(text):
    """The indented blocks of a Markdown text."""
    found, block = [], []
    for line in text.splitlines():
        if line.startswith("    ") or (not line and block):
            block.append(line[4:])
        elif block:
            found.append("\n".join(block))
            block = []
    return [*found, "\n".join(block)]


def test_the_lines_beside_an_export_work(tiny_export, tiny, tmp_path, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 52, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.jpg")
    text = (pathlib.Path(tiny_export) / "assets.extra" / "README.md").read_text()
    python, server, rest, grpc = blocks(text)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(python, names)
    np.testing.assert_array_equal(names["labels"], segment(tiny, "photo.jpg").labels)
    assert f"--model_base_path={pathlib.Path(tiny_export).parent}" in server
    subprocess.run(["bash", "-c", rest[: rest.index("curl")]], check=True)
    request = json.loads((tmp_path / "request.json").read_text())
    encoded = subprocess.run(["base64", "-w0", "photo.jpg"], check=True, capture_output=True, text=True).stdout
    assert request == {"instances": [{"image_bytes": {"b64": encoded}}]}
    ast.parse(grpc)


def test_a_folder_without_version_leaves_the_base_to_the_reader(tmp_path):
    descriptor = Descriptor("shapes", ("ground", "disc"), default_colors(2))
    text = readme(str(tmp_path / "model"), descriptor)
    assert "Semantic segmentation: shapes" in text and "0 ground, 1 disc" in text
    assert f"--model_base_path={tmp_path / 'model'}/..." in text
