"""`train.py`: a training run from flags."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from absl import flags

from deeplab_tf2.checkpoints import files
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.official import FIXED_TRAIN, RETIRED_TRAIN
from deeplab_tf2.config import (
    Config,
    DataConfig,
    InputError,
    LossConfig,
    MachineConfig,
    ModelConfig,
    OptimizerConfig,
    RunConfig,
    RunOptions,
    leaf,
)
from deeplab_tf2.data.catalog import FILE_NAME as DESCRIPTOR
from deeplab_tf2.storage import is_file, join
from deeplab_tf2.training.cluster import say, this_task

flags.disclaim_key_flags()

OFFICIAL = binding.Official(RETIRED_TRAIN, FIXED_TRAIN)
SECTIONS = {
    "model": ModelConfig,
    "data": DataConfig,
    "loss": LossConfig,
    "optimizer": OptimizerConfig,
    "machine": MachineConfig,
    "run": RunOptions,
}


@dataclasses.dataclass(frozen=True)
class CommandConfig(Config):
    """What the command does: no setting of the run, and not kept with it."""

    dry_run: bool = leaf(
        False, "Take three steps, tell what the run would take of memory, disk and time, and leave no trace."
    )


CONFIGS = (*SECTIONS.values(), CommandConfig)
# Where splits are named: records may have another name for them.
_SPLITS = (("data", "train_split"), ("run", "validation_split"))


def main() -> None:
    """The console script."""
    binding.run(command, *CONFIGS, official=OFFICIAL)


def settle(given: binding.Given) -> RunConfig:
    """The settings of a new run, or of the run that already lives in `train_logdir`.

    Raises:
        InputError: settings are missing, illegal, or contradict the dataset or the run.
    """
    from deeplab_tf2.data.catalog import load_descriptor
    from deeplab_tf2.data.known import described, split_found
    from deeplab_tf2.data.tfds.tfds_reference import PREFIX

    typed = {section: given[config] for section, config in SECTIONS.items()}
    wanted = _built(typed)
    _check_folders(wanted)
    if (wanted.data.dataset or "").startswith(PREFIX):
        typed["data"] = {**typed["data"], "dataset": _converted(wanted.data)}
    folder = wanted.run.train_logdir
    stored = RunConfig.load(folder) if files.steps(folder) else None
    descriptor = described(wanted.data.dataset_dir, (stored or wanted).data.dataset or wanted.data.dataset)
    for section, name in _SPLITS:
        if stored is None or name in typed[section]:
            found = split_found(descriptor, getattr(getattr(wanted, section), name))
            typed[section] = {**typed[section], name: found}
    # Late, for it waits for Keras: what is missing is told at once.
    from deeplab_tf2.training import setup

    if stored is None:
        model = typed["model"]
        classes, channels = model.get("num_classes"), model.get("input_channels")
        return setup.resolved(_built(typed), descriptor, classes, channels)
    trained = load_descriptor(folder)
    if trained.class_names != descriptor.class_names:
        raise InputError(
            f"the classes of {wanted.data.dataset_dir} are not those that the run in {folder} was "
            "trained on: choose another --train_logdir"
        )
    if trained.input_channels != descriptor.input_channels:
        raise InputError(
            f"the images of {wanted.data.dataset_dir} have {descriptor.input_channels} channels; the run in {folder} "
            f"was trained on {trained.input_channels}: choose another --train_logdir"
        )
    return setup.continued(stored, typed, trained, descriptor)


def _check_folders(config: RunConfig) -> None:
    """Refuses a run without a place for its data or its results."""
    for section, name in (("data", "dataset_dir"), ("run", "train_logdir")):
        if not getattr(getattr(config, section), name):
            raise InputError(f"--{name} is not set: give a folder")
    if os.path.isfile(config.run.train_logdir):
        raise InputError(f"--train_logdir={config.run.train_logdir} is a file: give a folder")


def _converted(data: DataConfig) -> str:
    """Sees to the records of a TensorFlow Datasets set; returns the name they give it."""
    from deeplab_tf2.data.tfds import tfds_import

    if this_task().workers > 1 and not is_file(join(data.dataset_dir, DESCRIPTOR)):
        raise InputError(
            f"{data.dataset_dir} holds no records yet: make them before several workers read them, by convert_tfds.py"
        )
    return tfds_import.ensure(str(data.dataset), data.dataset_dir, say).name


def _built(typed: Mapping[str, Mapping[str, Any]]) -> RunConfig:
    return RunConfig(**{section: SECTIONS[section](**values) for section, values in typed.items()})


def command(given: binding.Given) -> int:
    """Trains, and says what to do next; or says what a training would take."""
    config = settle(given)
    from deeplab_tf2.data.known import described
    from deeplab_tf2.training.distribution import make_strategy
    from deeplab_tf2.training.dry_run import dry_run
    from deeplab_tf2.training.fit import train
    from deeplab_tf2.training.signals import Interrupted

    task = this_task()
    if task.workers > 1:
        say(f"waiting for {task.workers} workers: {', '.join(task.addresses)}")
    strategy = make_strategy(config.machine, task, config.data.train_batch_size)
    descriptor = described(config.data.dataset_dir, config.data.dataset)
    if CommandConfig(**given.get(CommandConfig, {})).dry_run:
        dry_run(config, descriptor, strategy=strategy)
        return 0
    try:
        train(config, descriptor, strategy=strategy)
    except KeyboardInterrupt as stopped:
        # After a signal that came in time the run has been saved.
        return stopped.status if isinstance(stopped, Interrupted) else 130
    folder = config.run.train_logdir
    say(f"done: {folder}\nnext: eval.py --checkpoint_dir={folder}, vis.py --checkpoint_dir={folder}")
    return 0
