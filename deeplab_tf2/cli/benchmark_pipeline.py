"""Speed of the training input, against the official operations one after the other and against the network."""

from __future__ import annotations

import itertools
import statistics
import time
import typing
from collections.abc import Callable, Sequence

from deeplab_tf2.cli.benchmark_training import steps_on
from deeplab_tf2.config import PAD_PIXEL, DataConfig, RunConfig
from deeplab_tf2.data.catalog import Descriptor

if typing.TYPE_CHECKING:
    import tensorflow as tf

_COMPARED_BATCHES = 4
_TOLERANCE = 1e-3
_SECONDS = 1.0


def print_pipeline(run: RunConfig, repeats: int) -> None:
    """Prints images a second of the pipeline and of what it is set against, measured in turn.

    Args:
        run: the network, the records, the crop and the batch size.
        repeats: how often everything is measured; medians and ranges are printed.
    """
    from deeplab_tf2.data.known import described
    from deeplab_tf2.data.pipeline import training_dataset

    config = run.data
    descriptor = described(config.dataset_dir)
    pipeline = training_dataset(
        config,
        descriptor,
        pad_pixel=(PAD_PIXEL,) * descriptor.input_channels,
        parallel_reads=run.machine.parallel_reads,
        prefetched_batches=run.machine.prefetched_batches,
    )
    chain = official_chain(config, descriptor)
    difference = largest_difference(pipeline, chain)
    ways = {
        "whole pipeline": _reader(pipeline, config.train_batch_size),
        "chain of official operations": _reader(chain, config.train_batch_size),
        "decoding alone": _reader(_decoding(config, descriptor), 1),
        f"training {run.model.model_variant}": _network(run, descriptor),
    }
    rates: dict[str, list[_Rate]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, measured in ways.items():
            rates[name].append(measured())
    crop, batch = " x ".join(map(str, config.train_crop_size)), config.train_batch_size
    print(f"{config.train_split} of {config.dataset_dir}, crop {crop}, batch {batch}, {repeats} rounds:")
    ours = rates["whole pipeline"]
    for name, measurements in rates.items():
        speed = statistics.median(rate.images for rate in measurements)
        work = statistics.median(rate.processor for rate in measurements)
        print(f"  {name}: {speed:.0f} images/s, {1000 * work:.2f} ms of processor time each")
        if measurements is not ours:
            print(f"    {_compared(ours, measurements)}")
    print(f"  pipeline and chain differ by at most {difference:.1g} of 255; labels are equal")


class _Rate(typing.NamedTuple):
    """Images a second, and seconds that all processors together spend on an image."""

    images: float
    processor: float


def _compared(ours: Sequence[_Rate], others: Sequence[_Rate]) -> str:
    speeds = [one.images / other.images for one, other in zip(ours, others, strict=True)]
    works = [other.processor / one.processor for one, other in zip(ours, others, strict=True)]
    median = statistics.median
    return (
        f"the pipeline is {median(speeds):.2f} times as fast ({min(speeds):.2f} to {max(speeds):.2f}), "
        f"with 1 / {median(works):.2f} of the work (1 / {min(works):.2f} to 1 / {max(works):.2f})"
    )


def official_chain(config: DataConfig, descriptor: Descriptor) -> tf.data.Dataset:
    """The same training batches, by the operations of official DeepLab on whole images, one after the other."""
    import tensorflow as tf

    from deeplab_tf2.data import schema
    from deeplab_tf2.data.record_tensors import decode_image
    from deeplab_tf2.data.records import Records
    from deeplab_tf2.data.sample_order import sample_order
    from deeplab_tf2.data.transforms import random_scale

    records, ignored = Records(config.dataset_dir, config.train_split), descriptor.ignore_label
    height, width = config.train_crop_size

    def example(index: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        fields = schema.parse(records.read_op(position))
        image = tf.cast(decode_image(fields["image"], descriptor.input_channels), tf.float32)
        label = tf.cast(tf.io.decode_png(fields["label"], channels=1), tf.int32)
        draws = tf.random.stateless_uniform([4], [config.seed, index])
        scale = random_scale(draws[0], config.min_scale_factor, config.max_scale_factor, config.scale_factor_step_size)
        size = tf.maximum(tf.cast(tf.cast(tf.shape(label)[:2], tf.float32) * scale, tf.int32), 1)
        image = tf.raw_ops.ResizeBilinear(images=image[tf.newaxis], size=size, align_corners=True)[0]
        label = tf.raw_ops.ResizeNearestNeighbor(images=label[tf.newaxis], size=size, align_corners=True)[0]
        sides = tf.maximum(size, [height, width])
        image = tf.image.pad_to_bounding_box(image - PAD_PIXEL, 0, 0, sides[0], sides[1]) + PAD_PIXEL
        label = tf.image.pad_to_bounding_box(label - ignored, 0, 0, sides[0], sides[1]) + ignored
        room = sides - [height, width] + 1
        offset = tf.minimum(tf.cast(draws[1:3] * tf.cast(room, tf.float32), tf.int32), room - 1)
        image = tf.slice(image, [offset[0], offset[1], 0], [height, width, -1])
        label = tf.slice(label, [offset[0], offset[1], 0], [height, width, 1])
        flipped = draws[3] <= 0.5
        image = tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)
        label = tf.cond(flipped, lambda: tf.reverse(label, [1]), lambda: label)
        return tf.ensure_shape(image, [height, width, descriptor.input_channels]), tf.squeeze(label, 2)

    return (
        sample_order(len(records), config.seed)
        .map(example, num_parallel_calls=tf.data.AUTOTUNE)
        .batch(config.train_batch_size, drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )


def largest_difference(pipeline: tf.data.Dataset, chain: tf.data.Dataset) -> float:
    """How far the images of two streams are apart, in 0..255.

    Raises:
        AssertionError: by more than rounding, or labels differ.
    """
    import numpy as np

    largest = 0.0
    for (image, label), (twin, twin_label) in itertools.islice(zip(pipeline, chain, strict=True), _COMPARED_BATCHES):
        np.testing.assert_allclose(image, twin, rtol=0, atol=_TOLERANCE)
        np.testing.assert_array_equal(label, twin_label)
        largest = max(largest, float(np.abs(image - twin).max()))
    return largest


def _decoding(config: DataConfig, descriptor: Descriptor) -> tf.data.Dataset:
    """Image and label of every record; what does not leave the map would never be decoded."""
    import tensorflow as tf

    from deeplab_tf2.data.record_tensors import decode
    from deeplab_tf2.data.records import Records

    records = Records(config.dataset_dir, config.train_split)
    positions = tf.data.Dataset.range(len(records)).repeat()
    return positions.map(lambda at: decode(records.read_op(at), descriptor)[:2], num_parallel_calls=tf.data.AUTOTUNE)


def _reader(dataset: tf.data.Dataset, batch_size: int) -> Callable[[], _Rate]:
    def rate() -> _Rate:
        # A new iterator has nothing prepared while others were measured.
        elements = iter(dataset)
        _count(elements, _SECONDS / 2)
        begin, worked = time.perf_counter(), time.process_time()
        images = _count(elements, _SECONDS) * batch_size
        return _Rate(images / (time.perf_counter() - begin), (time.process_time() - worked) / images)

    return rate


def _count(elements: typing.Iterator[object], seconds: float) -> int:
    end = time.perf_counter() + seconds
    return sum(1 for _ in itertools.takewhile(lambda _: time.perf_counter() < end, elements))


def _network(run: RunConfig, descriptor: Descriptor) -> Callable[[], _Rate]:
    import tensorflow as tf

    from deeplab_tf2.training.start import compiled

    model = compiled(
        run.replace(model=run.model.replace(num_classes=descriptor.num_classes)),
        descriptor,
    )
    shape = [run.data.train_batch_size, *run.data.train_crop_size]
    images = tf.random.stateless_uniform([*shape, descriptor.input_channels], [0, 0], 0, 255)
    labels = tf.random.stateless_uniform(shape, [0, 1], 0, descriptor.num_classes, tf.int32)
    step, taken = steps_on(model, images, labels), shape[0] * run.machine.steps_per_execution
    step()

    def rate() -> _Rate:
        begin, worked = time.perf_counter(), time.process_time()
        step()
        return _Rate(taken / (time.perf_counter() - begin), (time.process_time() - worked) / taken)

    return rate
