"""The demo notebook, run as a reader would run it."""

import os
import pathlib

import numpy as np
import pytest
import toys
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "deeplab_tf2" / "deeplab_demo.ipynb"

nbformat = pytest.importorskip("nbformat", reason="the extra 'dev' brings nbformat")


def read():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_stored_without_outputs():
    cells = [cell for cell in read().cells if cell.cell_type == "code"]
    assert cells
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "folder"), [("run", "deeplab_tf2"), ("export", "tests/data")])
def test_it_runs_on_a_run_and_an_export(tiny_run, tiny_export, tmp_path, monkeypatch, kind, folder):
    nbclient = pytest.importorskip("nbclient", reason="the extra 'dev' brings nbclient")
    pytest.importorskip("ipykernel", reason="the extra 'dev' brings ipykernel")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 52, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    (tmp_path / "notes.txt").touch()
    monkeypatch.setenv("DEEPLAB_MODEL", {"run": tiny_run, "export": tiny_export}[kind])
    monkeypatch.setenv("DEEPLAB_IMAGE", str(tmp_path))
    # As a reader without installation: only the notebook itself finds the package.
    monkeypatch.delenv("PYTHONPATH", raising=False)
    notebook = read()
    resources = {"metadata": {"path": os.path.join(ROOT, folder)}}
    nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    text = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert f"{tmp_path / 'photo.png'} with the classes {', '.join(toys.NAMES)}" in text
    assert all(f"  {name}\n" in text for name in toys.NAMES)
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 3
