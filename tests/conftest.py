"""What every test shares: a quiet TensorFlow, chance that is always the same, and where the real data may be."""

import os
import pathlib
import random

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

ROOT = pathlib.Path(__file__).resolve().parents[1]

# A machine that is busy is slow at any moment.
hypothesis.settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """Weights that a test draws are the same alone and after any other test: Keras takes its seeds from `random`."""
    random.seed(0)
    np.random.seed(0)


@pytest.fixture(scope="session")
def shared() -> pathlib.Path:
    """The folder of real datasets and golden values, which are not part of the repository."""
    folder = pathlib.Path(os.environ.get("DEEPLAB_TF2_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}: set DEEPLAB_TF2_SHARED to a folder with real data and golden values")
    return folder


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory) -> str:
    """Folder of a run of a small random network; tests only read it."""
    import toys

    return toys.tiny_run(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny(tiny_run):
    """The same run, loaded."""
    from deeplab_tf2.inference.loading import load_run

    return load_run(tiny_run)


@pytest.fixture(scope="session")
def tiny_export(tiny, tmp_path_factory) -> str:
    """The same run as a SavedModel; tests only read it."""
    from deeplab_tf2.serving.saved_model import export_saved_model

    return export_saved_model(tiny, tmp_path_factory.mktemp("serving") / "1")


@pytest.fixture(scope="session")
def sample_records(tmp_path_factory) -> str:
    """Folder of the records of a small sample set: 10 images to train on, 3 to validate; tests only read it."""
    import toys

    return toys.sample_records(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def watched_run(sample_records, tmp_path_factory):
    """A run of 8 steps with validation, summaries, curves and report, see `watched`; tests only read it."""
    import watched

    return watched.watched(sample_records, tmp_path_factory.mktemp("watched") / "run")
