"""The command benchmark: speed of the network and of the input pipeline, as ratios within one process.

Absolute times do not carry from machine to machine; the rate of a float32 matrix product in the same process, and
the rate of decoding the same files, are what they are set against.
"""

from __future__ import annotations

import dataclasses
import itertools
import statistics
import time
import typing
from collections.abc import Callable
from typing import Any

from absl import flags

from deeplab_tf2.cli import binding
from deeplab_tf2.config import Config, DataConfig, InputError, ModelConfig, RunConfig, leaf

if typing.TYPE_CHECKING:
    import keras

flags.disclaim_key_flags()

_MATRIX_SIDE = 4096


@dataclasses.dataclass(frozen=True)
class BenchmarkConfig(Config):
    """What is measured."""

    crop_size: tuple[int, ...] = leaf((513, 513), "Height,width of the images in pixels.")
    batch_size: int = leaf(2, "Images per training step.")
    repeats: int = leaf(7, "Timed repetitions; the median counts.")
    dataset_dir: str | None = leaf(None, "Records whose pipeline is measured too; unset: the network alone.")
    train_split: str = leaf("train", "Split of the pipeline.")


def main() -> None:
    """Runs the command line."""
    binding.run(command, BenchmarkConfig, ModelConfig)


def command(given: binding.Given) -> None:
    """Prints the rates of matrix product, prediction, training and pipeline."""
    config = BenchmarkConfig(**given[BenchmarkConfig])
    crop = config.crop_size * 2 if len(config.crop_size) == 1 else config.crop_size
    if len(crop) != 2 or min(*crop, config.batch_size, config.repeats) < 1:
        raise InputError(f"crop_size {crop}, batch_size {config.batch_size}, repeats {config.repeats}: at least 1 each")
    if config.dataset_dir:
        _print_pipeline(config, (crop[0], crop[1]))
        return
    matrix = _matrix_rate(config.repeats)
    print(f"float32 matrix product {_MATRIX_SIDE} x {_MATRIX_SIDE}: {matrix:.0f} GFLOP/s")
    run = RunConfig(model=ModelConfig(**given[ModelConfig]))
    latency, rate = _network_rates(run, crop, config)
    work = latency * matrix / 2
    print(f"{run.model.model_variant}, output stride {run.model.output_stride}, {crop[0]} x {crop[1]}:")
    print(f"  prediction, batch 1: {latency:.4f} s (the time of {work:.1f} G multiply-adds of the matrix product)")
    work = matrix / 2 / rate
    print(
        f"  training, batch {config.batch_size}: {rate:.2f} images/s (an image takes the time of {work:.1f} G "
        "multiply-adds of the matrix product)"
    )


def median_seconds(function: Callable[[], Any], repeats: int) -> float:
    """Median time of a call, after one that is not counted."""
    function()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _matrix_rate(repeats: int) -> float:
    import tensorflow as tf

    left = tf.random.normal([_MATRIX_SIDE, _MATRIX_SIDE])
    return 2 * _MATRIX_SIDE**3 / median_seconds(lambda: tf.linalg.matmul(left, left).numpy(), repeats) / 1e9


def _network_rates(run: RunConfig, crop: tuple[int, ...], config: BenchmarkConfig) -> tuple[float, float]:
    """Seconds of a prediction, and images a second of training."""
    import tensorflow as tf

    from deeplab_tf2.data.catalog import Descriptor
    from deeplab_tf2.evaluation.evaluate import labeller
    from deeplab_tf2.training.fit import compiled

    names = tuple(map(str, range(run.model.num_classes)))
    model: keras.Model = compiled(run, Descriptor("benchmark", names, ((0, 0, 0),) * len(names)))
    images = tf.random.uniform([config.batch_size, *crop, run.model.input_channels], 0, 255)
    labels = tf.random.uniform([config.batch_size, *crop], 0, run.model.num_classes, tf.int32)
    predict = labeller(model)
    latency = median_seconds(lambda: predict(images[:1]).numpy(), config.repeats)
    step = median_seconds(lambda: model.train_on_batch(images, labels), config.repeats)
    return latency, config.batch_size / step


def _print_pipeline(config: BenchmarkConfig, crop: tuple[int, int]) -> None:
    """Images a second with the whole augmentation, against decoding the same files and nothing else."""
    import tensorflow as tf

    from deeplab_tf2.data.catalog import load_descriptor
    from deeplab_tf2.data.pipeline import decode, training_dataset
    from deeplab_tf2.data.records import Records

    folder, split = typing.cast(str, config.dataset_dir), config.train_split
    descriptor, records = load_descriptor(folder), Records(folder, split)
    count = max(config.repeats * len(records), 400)
    settings = DataConfig(dataset_dir=folder, train_split=split, train_crop_size=crop, train_batch_size=1)
    positions = tf.data.Dataset.range(len(records)).repeat()
    # Image and label both leave the map: what does not is never decoded.
    bare = positions.map(lambda at: decode(records.read_op(at), descriptor), num_parallel_calls=tf.data.AUTOTUNE)
    decoding = _rate(bare, count)
    augmenting = _rate(training_dataset(settings, descriptor), count)
    print(f"{split} of {folder}, crop {crop[0]} x {crop[1]}, {count} images:")
    print(f"  decoding alone: {decoding:.0f} images/s")
    print(f"  whole pipeline: {augmenting:.0f} images/s, {augmenting / decoding:.2f} of decoding")


def _rate(dataset: Any, count: int) -> float:
    iterator = iter(dataset)
    for _ in itertools.islice(iterator, count // 10):
        pass
    begin = time.perf_counter()
    for _ in itertools.islice(iterator, count):
        pass
    return count / (time.perf_counter() - begin)
