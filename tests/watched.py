"""One small run, watched in every way, that several tests look at."""

import dataclasses
import importlib.util

from deeplab_tf2.config import DataConfig, ModelConfig, OptimizerConfig, RunConfig, RunOptions
from deeplab_tf2.data.catalog import load_descriptor
from deeplab_tf2.training import setup
from deeplab_tf2.training.fit import train
from deeplab_tf2.training.learner import Learner

STEPS, LOG, VALIDATE = 8, 3, 4
HAS_TENSORBOARD = importlib.util.find_spec("tensorboard") is not None


@dataclasses.dataclass(frozen=True)
class Watched:
    """A finished run: its settings, its folder, its network and the lines that it printed."""

    config: RunConfig
    folder: str
    model: Learner
    lines: list


def small(records, folder, steps=STEPS, **changes):
    """Settings of a run of a very small network; `changes` are fields of the sections, by the sections' names."""
    config = RunConfig(
        model=ModelConfig(depth_multiplier=0.1, aspp_convs_filters=8, decoder_filters=8),
        data=DataConfig(dataset_dir=records, train_crop_size=(33, 33), train_batch_size=2),
        optimizer=OptimizerConfig(training_number_of_steps=steps),
        run=RunOptions(train_logdir=str(folder), log_steps=LOG, validation_steps=VALIDATE, save_steps=VALIDATE),
    )
    sections = {name: getattr(config, name).replace(**fields) for name, fields in changes.items()}
    return setup.resolved(config.replace(**sections), load_descriptor(records))


def watch(config):
    """Trains, or goes on."""
    lines = []
    model = train(config, load_descriptor(config.data.dataset_dir), lines.append)
    return Watched(config, config.run.train_logdir, model, lines)


def watched(records, folder):
    """The run that tests share."""
    return watch(small(records, folder, run={"tensorboard": HAS_TENSORBOARD, "save_summaries_images": True}))
