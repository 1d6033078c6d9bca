"""What the workers of a training tell each other beside gradients: numbers, one from each."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.training.cluster import this_task

# Where the workers may differ: each may see the same files in another place.
_PLACES = {"data": ("dataset_dir",), "run": ("train_logdir",)}


def gathered(strategy: tf.distribute.Strategy, value: float) -> list[float]:
    """The values of all workers, in their order; each worker has to ask, at the same place of the run.

    Args:
        strategy: that of the run.
        value: this worker's.
    """
    task = this_task()
    if task.workers == 1:
        return [float(value)]
    own = np.zeros(task.workers)
    own[task.index] = value
    return [float(item) for item in _sum(strategy, task.workers)(tf.constant(own))]


@functools.cache
def _sum(strategy: tf.distribute.Strategy, workers: int) -> Callable[[tf.Tensor], np.ndarray]:
    devices = strategy.num_replicas_in_sync // workers

    def summed(own: tf.Tensor) -> tf.Tensor:
        # What comes from outside is on no device yet.
        return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(own))

    @functools.partial(tf.function, autograph=False)
    def total(own: tf.Tensor) -> tf.Tensor:
        return strategy.experimental_local_results(strategy.run(summed, (own,)))[0]

    # Every device of a worker says the same.
    return lambda own: total(own).numpy() / devices


def farewell(strategy: tf.distribute.Strategy) -> None:
    """Waits until all workers have come to their end: who leaves earlier takes away what another is still reading."""
    # The last one to read this very number may find that the others have gone.
    with contextlib.suppress(tf.errors.OpError):
        gathered(strategy, 0)


def check_alike(strategy: tf.distribute.Strategy, config: RunConfig, descriptor: Descriptor, step: int) -> None:
    """Refuses workers that would not train the same network on the same data from the same step.

    Args:
        strategy: that of the run.
        config: the settings of this worker.
        descriptor: the dataset, as this worker sees it.
        step: the step that this worker would go on from.

    Raises:
        InputError: a worker differs from the chief; the same on all workers.
    """
    folder = config.run.train_logdir
    steps = gathered(strategy, step)
    _compare(
        strategy,
        steps,
        lambda worker: (
            f"worker {worker} would go on from step {steps[worker]:.0f}, worker 0 from {steps[0]:.0f}: --train_logdir="
            f"{folder} must lie on a file system that all workers share"
        ),
    )
    _compare(
        strategy,
        gathered(strategy, _checksum(_shared_settings(config))),
        lambda worker: (
            f"worker {worker} was started with other settings than worker 0: give all workers the same flags"
        ),
    )
    _compare(
        strategy,
        gathered(strategy, _checksum(descriptor.to_dict())),
        lambda worker: (
            f"worker {worker} sees another dataset than worker 0 in --dataset_dir={config.data.dataset_dir}: copy the "
            "same records to all machines"
        ),
    )


def check_shared(strategy: tf.distribute.Strategy, folder: str, file: str) -> None:
    """Refuses workers that do not see what the chief has written into the folder of the run.

    Args:
        strategy: that of the run.
        folder: folder of the run.
        file: name of a file that the chief has written before.

    Raises:
        InputError: a worker does not see it; the same on all workers.
    """
    # Nobody looks before the chief has come here.
    gathered(strategy, 0)
    _compare(
        strategy,
        [1 - is_there for is_there in gathered(strategy, os.path.isfile(os.path.join(folder, file)))],
        lambda worker: (
            f"worker {worker} does not see {file} in --train_logdir={folder}, which worker 0 has written there: the "
            "folder must lie on a file system that all workers share"
        ),
    )


def _compare(strategy: tf.distribute.Strategy, values: Sequence[float], told: Callable[[int], str]) -> None:
    different = [worker for worker, value in enumerate(values) if value != values[0]]
    if different:
        farewell(strategy)
        raise InputError(told(different[0]))


def _shared_settings(config: RunConfig) -> dict[str, Any]:
    values = config.to_dict()
    return {
        section: {name: value for name, value in fields.items() if name not in _PLACES.get(section, ())}
        for section, fields in values.items()
    }


def _checksum(values: Any) -> int:
    return zlib.crc32(json.dumps(values, sort_keys=True).encode())


def lost(error: tf.errors.OpError) -> InputError:
    """What to tell the user of a worker that has lost another one."""
    task = this_task()
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    why = next((line for line in lines if "aborted" in line), lines[0] if lines else type(error).__name__)
    return InputError(
        f"worker {task.index} of {task.workers} stops, for it has lost another one ({why.rstrip(':')}). What that one "
        "printed tells more. Start all workers again: they go on from the newest checkpoint"
    )
