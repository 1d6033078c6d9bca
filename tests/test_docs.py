"""The pages: their links lead somewhere, their flags exist."""

import pathlib
import re

import pytest
from absl import flags

from deeplab_tf2.cli import (
    benchmark,
    benchmark_conversion,
    binding,
    build_tfrecord,
    check_dataset,
    compare,
    complexity,
    convert_checkpoint,
    convert_tfds,
    download_and_convert,
    eval,
    eval_coco_format,
    export_model,
    make_sample_set,
    predict,
    train,
    vis,
)
from deeplab_tf2.config import CrfConfig, MachineConfig, ModelConfig

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "g3doc").glob("*.md"))]
CONFIGS = [
    train.CONFIGS,
    (eval.EvalConfig, ModelConfig, CrfConfig),
    (eval_coco_format.CocoEvalConfig,),
    (vis.VisConfig, ModelConfig, CrfConfig),
    predict.CONFIGS,
    (benchmark.BenchmarkConfig, ModelConfig, MachineConfig),
    (benchmark_conversion.RatesConfig,),
    (compare.CompareConfig,),
    (complexity.ComplexityConfig, ModelConfig),
    (export_model.ExportConfig,),
    (convert_checkpoint.ConvertConfig,),
    (check_dataset.CheckConfig, check_dataset.FilesConfig),
    (build_tfrecord.BuildConfig,),
    (make_sample_set.SampleConfig,),
    (download_and_convert.PublicConfig,),
    (convert_tfds.ConvertTfdsConfig,),
]
# Flags of other programs that the pages call.
FOREIGN = {
    "quiet",
    "dist",
    "editable",
    "help",
    "logtostderr",
    "rest_api_port",
    "model_name",
    "model_base_path",
    "port",
    "mount",
    "rm",
    "enable_batching",
    "flag",
    "logdir",
    # SLURM
    "nodes",
    "ntasks",
    "gpus",
    "signal",
    "requeue",
}


def known_flags():
    names = {*train.OFFICIAL.retired, *train.OFFICIAL.fixed, *eval.OFFICIAL.retired, *eval.OFFICIAL.fixed}
    names |= {*export_model.OFFICIAL.retired, *export_model.OFFICIAL.fixed}
    for configs in CONFIGS:
        flag_values = flags.FlagValues()
        binding.define(configs, flag_values)
        names |= set(flag_values)
    return names | {f"no{name}" for name in names}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_flags_exist(page):
    mentioned = set(re.findall(r"(?<![\w-])--([a-z]\w+)", page.read_text(encoding="utf-8")))
    assert mentioned <= known_flags() | FOREIGN


def test_every_command_and_flag_default_that_differs_from_official_is_documented():
    text = (ROOT / "g3doc" / "training.md").read_text(encoding="utf-8")
    for name in ("base_learning_rate", "training_number_of_steps", "atrous_rates", "decoder_output_stride"):
        assert re.search(rf"\| `--{name}` \|", text), name


def test_every_extra_has_its_row():
    extras = re.search(r"extras_require={\n(.*?)\n    }", (ROOT / "setup.py").read_text(), re.DOTALL)[1]
    names = re.findall(r'^ {8}"(\w+)":', extras, re.MULTILINE)
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "g3doc" / "installation.md").read_text(), re.MULTILINE)
    assert len(names) > 9 and sorted(names) == sorted(re.findall(r"`(\w+)`", " ".join(rows)))
