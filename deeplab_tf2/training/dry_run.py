"""What a run will take: measured on a few steps that leave no trace."""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from deeplab_tf2.config import RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.evaluation.evaluate import evaluate, labeller
from deeplab_tf2.training.agreement import farewell
from deeplab_tf2.training.cluster import Echo, say
from deeplab_tf2.training.fit import in_plain_words
from deeplab_tf2.training.learner import Learner
from deeplab_tf2.training.memory import images_in_words, peak_bytes
from deeplab_tf2.training.progress import clock
from deeplab_tf2.training.start import batches, started
from deeplab_tf2.training.validation import validation_dataset

# The first step is traced, and says nothing of those that follow.
_MEASURED = 2


def dry_run(
    config: RunConfig, descriptor: Descriptor, echo: Echo = say, strategy: tf.distribute.Strategy | None = None
) -> None:
    """Prints size, memory, speed and end of a run after a few of its steps, and writes nothing.

    Args:
        config: settled settings, see `training.setup.resolved`.
        descriptor: the dataset's descriptor.
        echo: prints a line; see `training.fit.train`.
        strategy: how steps are spread; unset: on one device.

    Raises:
        InputError: as `training.fit.train`.
    """
    strategy = tf.distribute.get_strategy() if strategy is None else strategy
    with in_plain_words(config, strategy.num_replicas_in_sync):
        model, first, _ = started(config, descriptor, strategy, echo)
        _tell_size(model, config, echo)
        _tell_steps(config, descriptor, first, echo)
        timer = _Timer(config.machine.steps_per_execution)
        steps = (1 + _MEASURED) * config.machine.steps_per_execution
        # Counted from where the run goes on, so that none is left out as beyond its end.
        model.total_steps = first + steps
        dataset = batches(config, descriptor, model, strategy, first)
        model.fit(dataset, steps_per_epoch=steps, epochs=1, verbose=0, shuffle=False, callbacks=[timer])
        _tell_memory(config, echo)
        _tell_time(config, descriptor, timer, first, _image_seconds(config, descriptor, model), echo)
        farewell(strategy)


class _Timer(keras.callbacks.Callback):
    """Seconds of the first step, and of one after it; `waited` of those for its batch."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self.together = together

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.moments, self.waits = [time.perf_counter()], [0.0]

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        # A device may still be at work when Python is told that a step is over.
        float((logs or {})["loss"])
        self.moments.append(time.perf_counter())
        self.waits.append(self.model.input_seconds)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        begin, first, *_, last = self.moments
        self.first = first - begin
        self.step = (last - first) / (_MEASURED * self.together)
        self.waited = (self.waits[-1] - self.waits[1]) / _MEASURED


def _tell_size(model: Learner, config: RunConfig, echo: Echo) -> None:
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    weights = _bytes(model.weights)
    checkpoint = weights + _bytes(model.optimizer.variables)
    kept = config.run.keep + bool(config.run.validation_split)
    echo(f"parameters: {model.count_params():,}, {trained:,} of them trained; weights: {weights / 1e6:.1f} MB")
    echo(
        f"checkpoints: {checkpoint / 1e6:.1f} MB each, with the optimizer; {kept} of them at most, "
        f"{kept * checkpoint / 1e6:.0f} MB"
    )


def _bytes(variables: Iterable[Any]) -> int:
    return sum(int(np.prod(variable.shape)) * tf.as_dtype(variable.dtype).size for variable in variables)


def _tell_steps(config: RunConfig, descriptor: Descriptor, first: int, echo: Echo) -> None:
    steps, batch = config.optimizer.training_number_of_steps, config.data.train_batch_size
    split = descriptor.splits.get(config.data.train_split)
    epochs = f", {steps * batch / split.examples:.1f} epochs of {images_in_words(split.examples)}" if split else ""
    begun = f", {first:,} of them done" if first else ""
    echo(f"steps: {steps:,} of {images_in_words(batch)}{epochs}{begun}")


def _tell_memory(config: RunConfig, echo: Echo) -> None:
    if peak := peak_bytes():
        height, width = config.data.train_crop_size
        batch = images_in_words(config.data.train_batch_size)
        echo(f"memory: {peak[0] / 2**30:.2f} GiB {peak[1]} at most, in steps on {batch} of {height} x {width}")


def _image_seconds(config: RunConfig, descriptor: Descriptor, model: Learner) -> float:
    """Seconds that the validation takes for an image, by the second one; 0 without validation."""
    if not config.run.validation_split:
        return 0.0
    predict, moments = labeller(model), []
    images = list(itertools.islice(validation_dataset(config, descriptor, model), 2))
    for image in images:
        moments.append(time.perf_counter())
        evaluate(predict, [image], descriptor.num_classes, descriptor.ignore_label)
    return time.perf_counter() - moments[-1]


def _tell_time(
    config: RunConfig, descriptor: Descriptor, timer: _Timer, first: int, image_seconds: float, echo: Echo
) -> None:
    steps, batch = config.optimizer.training_number_of_steps, config.data.train_batch_size
    waited = f", {timer.waited:.3f} s of it until the batch is there" if config.machine.steps_per_execution == 1 else ""
    echo(f"speed: {timer.step:.3f} s a step{waited}; {batch / timer.step:.1f} images/s; the first {timer.first:.0f} s")
    left = timer.first + max(steps - first, 0) * timer.step
    validations = 0
    if image_seconds:
        every = config.run.validation_steps or steps
        validations = -(-steps // every) - first // every
        images = descriptor.split(config.run.validation_split).examples
        left += validations * images * image_seconds
        echo(f"validation: {validations} times {images:,} images, {image_seconds:.3f} s each")
    end = datetime.datetime.now() + datetime.timedelta(seconds=left)
    echo(f"time: {clock(left)}; started now, the run would end at {end:%Y-%m-%d %H:%M}")
