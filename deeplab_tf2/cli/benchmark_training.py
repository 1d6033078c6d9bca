"""Speed and memory of training steps on real batches, each network in a process of its own."""

from __future__ import annotations

import concurrent.futures.process
import dataclasses
import itertools
import multiprocessing
import statistics
import time
import typing
from collections.abc import Callable, Sequence

from deeplab_tf2.cli.timing import matrix_product, matrix_rate, seconds
from deeplab_tf2.config import InputError, RunConfig

if typing.TYPE_CHECKING:
    import tensorflow as tf

    from deeplab_tf2.training.learner import Learner

_UNCOUNTED = 3
_READ = 40
# A step goes through the network forwards, and backwards to its inputs and to its weights.
_PASSES = 3
_Result = typing.TypeVar("_Result")


@dataclasses.dataclass(frozen=True)
class Measured:
    """What training steps took.

    Attributes:
        images: a second.
        waited: share of the time in which steps waited for their batches; None where that cannot be told.
        input_work: share of all processor time that reading and augmenting takes.
        peak: most memory in bytes, and of what; None where that cannot be told.
        matrix: GFLOP/s of a float32 matrix product around the steps.
        multiply_adds: of a forward pass on one image.
    """

    images: float
    waited: float | None
    input_work: float
    peak: tuple[int, str] | None
    matrix: float
    multiply_adds: int

    @property
    def efficiency(self) -> float:
        """Floating point operations a second of the convolutions of a step, over those of the matrix product."""
        return 2 * _PASSES * self.multiply_adds * self.images / (self.matrix * 1e9)


def print_training(run: RunConfig, variants: Sequence[str], sizes: Sequence[str], repeats: int) -> None:
    """Prints a line for each network at each size.

    Args:
        run: records, and what the networks have in common.
        variants: their backbones.
        sizes: crop and batch size, as "513x2".
        repeats: timed repetitions; medians are printed.

    Raises:
        InputError: a size cannot be read, or a network does not fit into memory.
    """
    pairs = [_size(text) for text in sizes]
    for variant, (crop, batch) in itertools.product(variants, pairs):
        data = run.data.replace(train_crop_size=(crop, crop), train_batch_size=batch)
        case = run.replace(model=run.model.replace(model_variant=variant), data=data)
        found = in_own_process(measured, case, repeats)
        waited = "" if found.waited is None else f"waits for batches {100 * found.waited:.1f} % of the time; "
        peak = "" if found.peak is None else f"; at most {found.peak[0] / 1e9:.2f} GB {found.peak[1]}"
        print(
            f"{variant}, crop {crop}, batch {batch}, {case.machine.precision}: {found.images:.2f} images/s; "
            f"{found.efficiency:.2f} of the matrix product ({found.matrix:.0f} GFLOP/s; {_PASSES} x "
            f"{found.multiply_adds / 1e9:.3f} G multiply-adds); {waited}input takes {100 * found.input_work:.1f} % of "
            f"the processor time{peak}",
            flush=True,
        )


def _size(text: str) -> tuple[int, int]:
    crop, _, batch = text.partition("x")
    if not (crop.isdecimal() and batch.isdecimal() and int(crop) and int(batch)):
        raise InputError(f"--training_sizes: {text!r} is no crop and batch size; write 513x2")
    return int(crop), int(batch)


def in_own_process(function: Callable[..., _Result], *arguments: typing.Any) -> _Result:
    """The result of a function that has a new process for itself.

    Raises:
        InputError: the process was ended from outside.
    """
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:
        try:
            return pool.submit(function, *arguments).result()
        except concurrent.futures.process.BrokenProcessPool as error:
            raise InputError("the process was ended, most likely for its memory: take a smaller size") from error


def measured(run: RunConfig, repeats: int) -> Measured:
    """Times training steps, with a matrix product before and after each."""
    from deeplab_tf2.data.known import described
    from deeplab_tf2.data.pipeline import training_dataset
    from deeplab_tf2.models.complexity import complexity
    from deeplab_tf2.training.memory import peak_bytes
    from deeplab_tf2.training.start import compiled

    descriptor = described(run.data.dataset_dir, run.data.dataset)
    classes = max(run.model.num_classes, descriptor.num_classes)
    run = run.replace(model=run.model.replace(num_classes=classes, input_channels=descriptor.input_channels))
    model = compiled(run, descriptor)
    reading = {name: getattr(run.machine, name) for name in ("parallel_reads", "prefetched_batches")}
    dataset = training_dataset(run.data, descriptor, pad_pixel=model.pad_pixel, **reading)
    batches, function = iter(dataset), model.make_train_function()

    def step() -> None:
        float(function(batches)["loss"])

    for _ in range(_UNCOUNTED):
        step()
    peak, multiply = peak_bytes(), matrix_product()
    multiply()
    times, products, waits, work = [], [seconds(multiply)], [], []
    for _ in range(repeats):
        waited, worked = model.input_seconds, time.process_time()
        times.append(seconds(step))
        waits.append(model.input_seconds - waited)
        work.append(time.process_time() - worked)
        products.append(seconds(multiply))
    taken, together = statistics.median(times), run.machine.steps_per_execution
    # Each step is set against its neighbours: other work on the machine comes and goes.
    ratios = [
        2 * time_taken / sum(around) for time_taken, around in zip(times, itertools.pairwise(products), strict=True)
    ]
    return Measured(
        images=run.data.train_batch_size * together / taken,
        waited=statistics.median(waits) / taken if together == 1 else None,
        input_work=_reading_work(dataset) * together / statistics.median(work),
        peak=peak,
        matrix=matrix_rate(taken / statistics.median(ratios)),
        multiply_adds=complexity(run.model, *run.data.train_crop_size).total.exact,
    )


def steps_on(model: Learner, images: tf.Tensor, labels: tf.Tensor) -> Callable[[], float]:
    """What takes training steps on one batch again and again, and gives their loss."""
    import tensorflow as tf

    batches, function = iter(tf.data.Dataset.from_tensors((images, labels)).repeat()), model.make_train_function()
    return lambda: float(function(batches)["loss"])


def _reading_work(dataset: typing.Iterable[typing.Any]) -> float:
    """Processor seconds for one batch, read without a network."""
    elements = iter(dataset)
    next(elements)
    begin = time.process_time()
    # Many, for those that are made ahead are not counted.
    for _ in range(_READ):
        next(elements)
    return (time.process_time() - begin) / _READ
