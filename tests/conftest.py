"""What every test shares: a quiet TensorFlow, and where the real data may be."""

import os
import pathlib

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """The folder of real datasets and golden values, which are not part of the repository."""
    folder = pathlib.Path(os.environ.get("DEEPLAB_TF2_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: set DEEPLAB_TF2_SHARED to a folder with real data and golden values")
    return folder
