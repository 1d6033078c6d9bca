"""The whole road, with a few steps: so that the first command of the README cannot rot."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_the_whole_road(tmp_path):
    environment = {**os.environ, "PYTHON": sys.executable, "STEPS": "4", "TRAIN_IMAGES": "8", "VAL_IMAGES": "2"}
    command = ["bash", str(ROOT / "local_test.sh"), str(tmp_path / "out")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    out = tmp_path / "out"
    report = json.loads((out / "eval" / "val_scores.json").read_text())
    assert 0 <= report["miou"] <= 1 and report["images"] == 2
    assert len(list((out / "vis" / "segmentation_results").glob("*_overlay.png"))) == 2
    assert (out / "export" / "1" / "saved_model.pb").exists()
    assert len(list((out / "predictions").glob("*_mask.png"))) == 10
    told = result.stdout
    assert all(str(out / name) in told for name in ("run", "eval/val_scores.json", "export/1"))
