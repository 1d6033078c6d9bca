"""`train.py`: a training run from flags."""

from __future__ import annotations

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.cli.official import FIXED_TRAIN, RETIRED_TRAIN
from deeplab_tf2.config import DataConfig, InputError, ModelConfig, OptimizerConfig, RunConfig, RunOptions

flags.disclaim_key_flags()

OFFICIAL = binding.Official(RETIRED_TRAIN, FIXED_TRAIN)
SECTIONS = {"model": ModelConfig, "data": DataConfig, "optimizer": OptimizerConfig, "run": RunOptions}


def main() -> None:
    """The console script."""
    binding.run(command, *SECTIONS.values(), official=OFFICIAL)


def settle(given: binding.Given) -> RunConfig:
    """The settings of a new run, or of the run that already lives in `train_logdir`.

    Raises:
        InputError: settings are missing, illegal, or contradict the dataset or the run.
    """
    from deeplab_tf2.data.catalog import load_descriptor
    from deeplab_tf2.training import setup

    typed = {section: given[config] for section, config in SECTIONS.items()}
    wanted = RunConfig(**{section: SECTIONS[section](**values) for section, values in typed.items()})
    setup.check_folders(wanted)
    descriptor = load_descriptor(wanted.data.dataset_dir)
    if not setup.has_run(wanted.run.train_logdir):
        return setup.resolved(wanted, descriptor, typed["model"].get("num_classes"))
    config = setup.continued(RunConfig.load(wanted.run.train_logdir), typed)
    if load_descriptor(wanted.run.train_logdir).class_names != descriptor.class_names:
        raise InputError(
            f"the classes of {wanted.data.dataset_dir} are not those that the run in {wanted.run.train_logdir} was "
            "trained on: choose another --train_logdir"
        )
    return config


def command(given: binding.Given) -> int:
    """Trains, and says what to do next."""
    config = settle(given)
    from deeplab_tf2.data.catalog import load_descriptor
    from deeplab_tf2.training.fit import train

    try:
        train(config, load_descriptor(config.data.dataset_dir), echo=_echo)
    except KeyboardInterrupt:
        return 130
    folder = config.run.train_logdir
    print(f"done: {folder}\nnext: eval.py --checkpoint_dir={folder}, vis.py --checkpoint_dir={folder}")
    return 0


def _echo(line: str) -> None:
    print(line, flush=True)
