"""The same weights on JAX and PyTorch give what they give on TensorFlow, forward and after a training step.

Each backend lives in an environment of its own, named by DEEPLAB_TF2_JAX_PYTHON and DEEPLAB_TF2_TORCH_PYTHON.
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest

HERE = pathlib.Path(__file__).parent
# Compiling for speed would take longer than it spares.
QUICK = {
    "XLA_FLAGS": "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
    "--xla_cpu_parallel_codegen_split_count=1",
    "PYTHONPATH": str(HERE.parent),
}


def twin(python, backend, folder):
    """Runs the twin on a backend and returns its arrays."""
    output = folder / f"{backend}.npz"
    environment = {**os.environ, **QUICK, "KERAS_BACKEND": backend}
    command = [python, str(HERE / "backend_twin.py"), str(folder), str(output)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    return np.load(output)


def python_of(backend):
    python = os.environ.get(f"DEEPLAB_TF2_{backend.upper()}_PYTHON")
    if not python:
        pytest.skip(f"set DEEPLAB_TF2_{backend.upper()}_PYTHON to the Python of an environment with {backend}")
    return python


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("backends")


@pytest.fixture(scope="module")
def reference(folder):
    return twin(sys.executable, "tensorflow", folder)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_equals_tensorflow(backend, folder, request):
    python = python_of(backend)
    want = request.getfixturevalue("reference")
    got = twin(python, backend, folder)
    assert str(got["backend"]) == backend and not got["imported_tensorflow"]
    np.testing.assert_allclose(got["every_term"], want["every_term"], rtol=1e-5)
    for name in ("mobilenet_v2", "bands"):
        forward = want[f"{name}/before"]
        assert forward.std() > 0.1
        np.testing.assert_allclose(got[f"{name}/before"], forward, atol=1e-4 * np.abs(forward).max(), err_msg=name)
    # Batch statistics over few values amplify rounding, and labels flip where two classes nearly tie.
    for key, bound in (("loss", 1e-3), ("miou", 1e-2), ("kernel", 1e-3), ("moving_variance", 1e-2)):
        name = f"mobilenet_v2/{key}"
        np.testing.assert_allclose(got[name], want[name], rtol=bound, atol=bound, err_msg=name)


# One of each family; JAX, which compiles for longer than it computes, has the two quick ones.
GOLDEN_CASES = {
    "jax": ("resnet_v1_50_beta_os8_even", "mobilenet_v3_small_seg_os16"),
    "torch": (
        "xception_41_os16",
        "resnet_v1_50_beta_os8_even",
        "mobilenet_v3_small_seg_os16",
        "nas_pnasnet_os16_even",
    ),
}


@pytest.mark.parametrize("backend", GOLDEN_CASES)
def test_gives_the_official_numbers(backend):
    cases = GOLDEN_CASES[backend]
    environment = {**os.environ, **QUICK, "KERAS_BACKEND": backend}
    command = [python_of(backend), str(HERE / "backend_golden.py"), *cases]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    distances = json.loads(result.stdout.splitlines()[-1])
    print(backend, distances)
    assert set(distances) == set(cases) and max(distances.values()) <= 2e-3, distances
