"""A training run: from its settings to its last checkpoint."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from deeplab_tf2.config import FILE_NAME, InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.record_tensors import plain_message
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.agreement import check_alike, check_shared, farewell, lost
from deeplab_tf2.training.at_steps import steps_taken
from deeplab_tf2.training.averaging import averaged, exchange
from deeplab_tf2.training.cluster import Echo, say, this_task
from deeplab_tf2.training.csv_log import CsvLog
from deeplab_tf2.training.curves import Curves
from deeplab_tf2.training.distribution import is_chief, spread_randomness
from deeplab_tf2.training.folder_lock import locked
from deeplab_tf2.training.guard import Guard
from deeplab_tf2.training.learner import Learner
from deeplab_tf2.training.memory import OUT_OF_MEMORY, too_little
from deeplab_tf2.training.progress import Progress
from deeplab_tf2.training.resuming import TRAIN_LOG, VALIDATION_LOG, tidy
from deeplab_tf2.training.saver import Saver
from deeplab_tf2.training.setup import weights_of
from deeplab_tf2.training.signals import Interrupted, StopSignals
from deeplab_tf2.training.start import batches, started
from deeplab_tf2.training.summaries import Summaries
from deeplab_tf2.training.validation import Validation, validator

_LISTED = 24


def train(
    config: RunConfig, descriptor: Descriptor, echo: Echo = say, strategy: tf.distribute.Strategy | None = None
) -> Learner:
    """Starts a run, or continues it from its newest checkpoint.

    Args:
        config: settled settings, see `training.setup.resolved`.
        descriptor: the dataset's descriptor.
        echo: prints a line; what stands here by default does so on the first of several workers only.
        strategy: how steps are spread, from `training.distribution.make_strategy`; unset: on one device.

    Returns:
        The trained network, with what its newest checkpoint has as weights.

    Raises:
        InputError: the records cannot be trained on, a start cannot be loaded, the loss is no number, memory is too
            small, the disk is full, another process trains there, or workers differ or are lost.
        Interrupted: a signal stopped the run, which has been saved.
    """
    strategy = tf.distribute.get_strategy() if strategy is None else strategy
    signals = StopSignals()
    # The others only read there, and would be refused.
    sole = locked(config.run.train_logdir, echo) if is_chief() else contextlib.nullcontext()
    with in_plain_words(config, strategy.num_replicas_in_sync), sole:
        model, last = _trained(config, descriptor, strategy, signals, echo)
        farewell(strategy)
    if signals.received is not None and steps_taken(model) < last:
        raise Interrupted(signals.received)
    return model


@contextlib.contextmanager
def in_plain_words(config: RunConfig, devices: int = 1) -> Iterator[None]:
    """Tells what TensorFlow complains of in a way that helps, where batches are divided among `devices`."""
    try:
        yield
    except OUT_OF_MEMORY as error:
        raise too_little(config, devices) from error
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"training stopped: {_told(error.message, config.data.dataset_dir)}") from error
    except tf.errors.OpError as error:
        if this_task().workers == 1:
            raise
        raise lost(error) from error


def _trained(
    config: RunConfig,
    descriptor: Descriptor,
    strategy: tf.distribute.Strategy,
    signals: StopSignals,
    echo: Echo,
) -> tuple[Learner, int]:
    """The network after all steps, or those until a signal; and the number of all steps."""
    last, devices = config.optimizer.training_number_of_steps, strategy.num_replicas_in_sync
    model, first, state = started(config, descriptor, strategy, echo)
    check_alike(strategy, config, descriptor, first)
    _write_down(config, descriptor, first)
    check_shared(strategy, config.run.train_logdir, FILE_NAME)
    if first >= last:
        echo(
            f"{config.run.train_logdir} is already at step {first} of {last}: raise --training_number_of_steps to go on"
        )
        return model, last
    echo(f"training {config.model.model_variant} for steps {first} to {last}" + _told_devices(devices))
    if weights := weights_of(config, descriptor):
        echo(f"label weights: {_listed_weights(descriptor.class_names, weights)}")
    *callbacks, saver = _callbacks(config, descriptor, model, signals, echo)
    saver.restore_all(state)
    if reason := saver.exhausted(first):
        echo(reason)
        return model, last
    exchange(model)
    spread_randomness(model, strategy)
    with signals, saver.rescuing():
        model.fit(
            batches(config, descriptor, model, strategy, first),
            steps_per_epoch=last - first,
            epochs=1,
            verbose=0,
            shuffle=False,
            callbacks=[*callbacks, saver],
        )
    # As in the file.
    exchange(model)
    return model, last


def _told_devices(devices: int) -> str:
    workers = this_task().workers
    return "" if devices == 1 else f" on {devices} devices" + (f" of {workers} workers" if workers > 1 else "")


def _write_down(config: RunConfig, descriptor: Descriptor, first: int) -> None:
    """Makes the folder of the run what it is at the step it goes on from."""
    if is_chief():
        folder = config.run.train_logdir
        tidy(folder, first)
        config.save(folder)
        descriptor.save(folder)


def _listed_weights(names: Sequence[str], weights: Sequence[float]) -> str:
    pairs = [f"{name} {weight:g}" for name, weight in zip(names, weights, strict=True)]
    if len(pairs) <= _LISTED:
        return ", ".join(pairs)
    order = sorted(range(len(pairs)), key=weights.__getitem__)
    return f"from {pairs[order[0]]} to {pairs[order[-1]]}; config.json has all"


def _callbacks(
    config: RunConfig, descriptor: Descriptor, model: DeepLab, signals: StopSignals, echo: Echo
) -> list[Any]:
    """What happens beside the steps, in order: nothing is saved of what the guard refuses."""
    if not is_chief():
        return [Guard(config), Saver(config, signals, None, [], echo, writes=False)]
    run, last = config.run, config.optimizer.training_number_of_steps
    train_log, validation_log = (os.path.join(run.train_logdir, name) for name in (TRAIN_LOG, VALIDATION_LOG))
    progress, validation = Progress(config, echo, CsvLog(train_log).add), None
    callbacks: list[keras.callbacks.Callback] = [Guard(config), progress]
    if run.validation_split:
        validate, names = averaged(model)(validator(config, descriptor, model)), descriptor.class_names
        validation = Validation(run.validation_steps or last, last, validate, names, echo, CsvLog(validation_log).add)
        callbacks.append(validation)
    else:
        echo("nothing is validated on the way: --validation_split names no split of the dataset")
    if run.tensorboard:
        callbacks.append(Summaries(progress, validation, run.train_logdir, descriptor, run.save_summaries_images))
    elif run.save_summaries_images:
        echo("--save_summaries_images writes nothing without --tensorboard")
    curves = Curves(config, descriptor, validation, train_log, validation_log)
    return [*callbacks, curves, Saver(config, signals, validation, [progress], echo)]


def _told(message: str, folder: str) -> str:
    """What went wrong in a step or with a record, and how to find the record where that does not name it."""
    text = plain_message(message)
    if text.startswith("record ") or ".tfrecord" in text:
        return text
    return f"{text.rstrip('.')}; if a record is damaged, check_dataset.py --dataset_dir={folder} names it"
