"""Flags: one per field, one field per flag, official forms accepted, lies refused."""

import dataclasses
import subprocess
import sys

import pytest
from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.eval import EvalConfig
from deeplab_tf2.cli.run_flags import OFFICIAL as OFFICIAL_EVAL
from deeplab_tf2.cli.train import OFFICIAL as OFFICIAL_TRAIN
from deeplab_tf2.cli.train import SECTIONS
from deeplab_tf2.cli.vis import VisConfig
from deeplab_tf2.config import DataConfig, InputError, LossConfig, ModelConfig

COMMANDS = [
    (tuple(SECTIONS.values()), OFFICIAL_TRAIN),
    ((EvalConfig, ModelConfig), OFFICIAL_EVAL),
    ((VisConfig, ModelConfig), OFFICIAL_EVAL),
]


@pytest.mark.parametrize(("configs", "official"), COMMANDS, ids=["train", "eval", "vis"])
def test_each_field_has_one_flag_and_each_flag_one_field(configs, official):
    flag_values = flags.FlagValues()
    binding.define(configs, flag_values, official)
    fields = [field.name for config in configs for field in dataclasses.fields(config)]
    assert len(set(fields)) == len(fields)
    assert set(fields) | {*official.retired, *official.fixed} == set(flag_values)
    assert all(flag_values[name].help for name in flag_values)


def parse(*argv):
    given = binding.parse(argv, (ModelConfig, DataConfig), OFFICIAL_TRAIN)
    return {**given[ModelConfig], **given[DataConfig]}


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("--atrous_rates=6", "--atrous_rates=12", "--atrous_rates=18"), {"atrous_rates": (6, 12, 18)}),
        (("--atrous_rates=6,12,18",), {"atrous_rates": (6, 12, 18)}),
        (("--atrous_rates=none",), {"atrous_rates": ()}),
        (("--train_crop_size=513", "--train_crop_size=769"), {"train_crop_size": (513, 769)}),
        (("--train_crop_size=513,513",), {"train_crop_size": (513, 513)}),
        (("--train_crop_size", "513,513"), {"train_crop_size": (513, 513)}),
        (("--noadd_image_level_feature",), {"add_image_level_feature": False}),
        (("--add_image_level_feature=1",), {"add_image_level_feature": True}),
        (("--divisible_by=none", "--depth_multiplier=0.5"), {"divisible_by": None, "depth_multiplier": 0.5}),
        (("--num_replicas=4",), {}),
        ((), {}),
    ],
)
def test_official_forms(argv, expected):
    assert parse(*argv) == expected


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--atrous_rate=6",), "Did you mean: atrous_rates"),
        (("--depth_multiplier", "=", "0.5"), "without spaces"),
        (("--depth_multiplier", "=0.5"), "without spaces"),
        (("--depth_multiplier=half",), "depth_multiplier=half"),
        (("records",), "not understood: records"),
    ],
)
def test_lying_flags_are_refused(argv, told):
    with pytest.raises(InputError, match=told):
        parse(*argv)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("--label_weights=1,0.5", "--label_weights=2"), (1.0, 0.5, 2.0)),
        (("--label_weights=auto",), "auto"),
        (("--label_weights", "effective_number"), "effective_number"),
    ],
)
def test_a_list_or_a_word_that_stands_for_one(argv, expected):
    assert binding.parse(argv, (LossConfig,))[LossConfig] == {"label_weights": expected}


@pytest.mark.parametrize("argv", [("--label_weights=auto", "--label_weights=2"), ("--label_weights=1,auto",)])
def test_a_word_among_numbers_is_refused(argv):
    with pytest.raises(InputError, match="label_weights.*auto.*numbers, or one of auto, median_frequency, effective"):
        binding.parse(argv, (LossConfig,))


def run(*argv):
    return subprocess.run([sys.executable, "-m", "deeplab_tf2.train", *argv], capture_output=True, text=True)


def test_the_process_ends_with_one_plain_line():
    result = run("--train_logdir=x", "--tf_initial_checkpoint", "=", "y")
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and "Traceback" not in result.stderr
    result = run("--logtostderr", "--num_replicas=2", "--dataset_dir=", "--train_logdir=x")
    assert result.returncode == 2 and "--num_replicas has no effect" in result.stderr
    assert "--dataset_dir is not set" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("flag", "told"),
    [
        ("--train_logdirs=x", "error: Unknown command line flag 'train_logdirs'. Did you mean: train_logdir ?; see"),
        ("--seed=two", "error: flag --seed=two: "),
    ],
)
def test_a_flag_that_is_none_ends_as_every_mistake(flag, told):
    result = run(flag)
    assert result.returncode == 2 and result.stderr.startswith(told) and result.stderr.count("\n") == 1


INTERRUPT = """
import os, signal, time
from deeplab_tf2.cli import binding
from deeplab_tf2.config import DataConfig
# A shell may start what runs in the background so that it ignores the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
def command(given):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(9)
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt("--resume goes on") from interrupt
binding.run(command, DataConfig)
"""


def test_an_interrupt_ends_in_one_line():
    result = subprocess.run([sys.executable, "-c", INTERRUPT], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (130, "\ninterrupted: --resume goes on\n")


def test_help_lists_the_flags():
    assert "--train_crop_size" in run("--help").stdout
