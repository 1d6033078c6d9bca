"""The CRF's benchmark tells times, and how far pydensecrf2 agrees where it is installed."""

import importlib.util
import re

import pytest
from crf_case import case
from PIL import Image

from deeplab_tf2.cli import benchmark, binding
from deeplab_tf2.cli.benchmark_crf import compared, print_crf
from deeplab_tf2.config import InputError, MachineConfig, ModelConfig

INSTALLED = importlib.util.find_spec("pydensecrf") is not None


def test_tells_the_other_library_s_time_or_how_to_get_it():
    told = list(compared(*case(20, 30), repeats=1))
    if INSTALLED:
        assert re.fullmatch(r"[\d.]+ s, pydensecrf2 [\d.]+ s, ratio [\d.]+", told[0])
        assert "agree on 100.000 %" in told[1]
    else:
        assert re.fullmatch(r"[\d.]+ s; to compare: pip install pydensecrf2.*", told[0]) and len(told) == 1


def test_times_a_network_on_a_photograph(tiny_run, tmp_path, capsys):
    Image.fromarray(case()[0]).save(tmp_path / "photo.png")
    print_crf(tiny_run, str(tmp_path / "photo.png"), (33, 40), repeats=1)
    told = capsys.readouterr().out
    assert told.startswith("dense CRF, 33 x 40, ") and "what the network says: 0." in told
    assert "all classes everywhere: 0." in told


def test_needs_a_photograph_and_a_network():
    given = binding.parse(["--crf_image=photo.png"], (benchmark.BenchmarkConfig, ModelConfig, MachineConfig))
    with pytest.raises(InputError, match="go together"):
        benchmark.command(given)
