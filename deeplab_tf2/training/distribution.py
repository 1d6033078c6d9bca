"""Several devices and several machines that share each step of a training."""

from __future__ import annotations

from collections.abc import Callable

import keras
import tensorflow as tf

from deeplab_tf2.config import InputError, MachineConfig
from deeplab_tf2.data.sample_order import WHOLE, Share
from deeplab_tf2.training.cluster import Task, this_task


def make_strategy(
    machine: MachineConfig, task: Task | None = None, batch_size: int | None = None
) -> tf.distribute.Strategy:
    """How steps are spread: over the workers of TF_CONFIG, over the clones of this machine, or not at all.

    To be called before TensorFlow computes anything: afterwards devices cannot be chosen, nor machines joined.

    Args:
        machine: settings; `num_clones` and `clone_on_cpu` choose devices.
        task: this process among the workers; unset: as TF_CONFIG says.
        batch_size: images of a step: of GPUs that `num_clones` does not ask for, one worker takes as many as divide it.

    Raises:
        InputError: the devices that are asked for are not there, or TF_CONFIG cannot be used.
    """
    task = this_task() if task is None else task
    if machine.clone_on_cpu:
        devices = _clones_on_cpu(machine.num_clones or 1, task)
    else:
        devices = _gpus(machine, None if task.workers > 1 else batch_size)
    if task.workers > 1:
        return _join(task)
    if len(devices) > 1:
        return tf.distribute.MirroredStrategy(devices)
    return tf.distribute.get_strategy()


def _gpus(machine: MachineConfig, batch_size: int | None) -> list[str]:
    """The GPUs to train on: as many as asked for, else as divide the batch, else all."""
    found, count = tf.config.list_physical_devices("GPU"), machine.num_clones
    if count is not None and count > max(len(found), 1):
        raise InputError(
            f"--num_clones={count}: this machine has {len(found)} GPU{'s' * (len(found) != 1)}. --num_clones=none uses "
            f"all there are; --clone_on_cpu tries {count} clones on the CPU"
        )
    if count is None and batch_size is not None:
        count = devices_for(batch_size, len(found), machine.gradient_accumulation_steps)
    used = found[:count]
    if used != found:
        _choose(lambda: tf.config.set_visible_devices(used, "GPU"))
    return [f"GPU:{number}" for number in range(len(used))]


def _clones_on_cpu(count: int, task: Task) -> list[str]:
    if task.workers > 1:
        raise InputError(
            "--clone_on_cpu makes clones within one process, but TF_CONFIG names several workers: give "
            "--noclone_on_cpu, or unset TF_CONFIG"
        )
    cpu = tf.config.list_physical_devices("CPU")[0]
    _choose(lambda: tf.config.set_visible_devices([], "GPU"))
    _choose(lambda: tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * count))
    return [f"CPU:{number}" for number in range(count)]


def _choose(settle: Callable[[], None]) -> None:
    try:
        settle()
    except RuntimeError as error:
        raise InputError(
            f"the devices cannot be chosen any more, for TensorFlow is at work ({error}): give the same command again"
        ) from error


def _join(task: Task) -> tf.distribute.Strategy:
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    except (tf.errors.OpError, RuntimeError) as error:
        raise InputError(
            f"worker {task.index} cannot join the others at {', '.join(task.addresses)}: {str(error).splitlines()[0]}. "
            "Each address must be free and within reach of all workers"
        ) from error


def is_chief() -> bool:
    """Whether this process is the one that writes and prints."""
    return this_task().index == 0


def devices_for(batch_size: int, most: int, parts: int = 1) -> int:
    """The largest number of devices, not above `most`, that a batch can be dealt out to evenly.

    Args:
        batch_size: images per step, over all devices.
        most: number of devices that there are.
        parts: parts that each device computes its share in.
    """
    return next((count for count in range(most, 1, -1) if batch_size % (count * parts) == 0), min(most, 1))


def check_batch(batch_size: int, replicas: int, parts: int = 1) -> None:
    """Refuses a batch that cannot be dealt out evenly.

    Args:
        batch_size: images per step, over all devices.
        replicas: number of devices, over all machines.
        parts: parts that each device computes its share in.
    """
    if batch_size % (replicas * parts):
        among = f"{replicas} device{'s' * (replicas != 1)}" + (f" in {parts} parts each" if parts > 1 else "")
        fit = -(-batch_size // (replicas * parts)) * replicas * parts
        raise InputError(
            f"--train_batch_size={batch_size} cannot be dealt out evenly among {among}: it is the number of images of "
            f"a step over all devices; take {fit}, for example"
            + (", or fewer devices by --num_clones" if replicas > 1 else "")
        )


def distributed(
    strategy: tf.distribute.Strategy, make: Callable[[Share], tf.data.Dataset]
) -> tf.data.Dataset | tf.distribute.DistributedDataset:
    """The batches of each device.

    Args:
        strategy: from `make_strategy`.
        make: the batches for the devices of a worker, one after the other, as `data.pipeline.training_dataset` gives
            them.

    Returns:
        What `fit` takes.
    """
    if strategy.num_replicas_in_sync == 1:
        return make(WHOLE)
    return strategy.distribute_datasets_from_function(
        lambda context: make(
            Share(context.input_pipeline_id, context.num_input_pipelines, context.num_replicas_in_sync)
        )
    )


def synchronise(model: keras.Model) -> None:
    """Lets the batch norm of a network use the statistics of the batches of all devices together."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.synchronized = True


def spread_randomness(model: keras.Model, strategy: tf.distribute.Strategy) -> None:
    """Lets every device but the first draw other random numbers; to be called once, when the weights are there."""
    states = [layer.seed_generator.state for layer in model._flatten_layers() if hasattr(layer, "seed_generator")]

    def shift() -> None:
        replica = tf.cast(tf.distribute.get_replica_context().replica_id_in_sync_group, tf.uint32)
        for state in states:
            state.assign(state + tf.stack([replica, tf.zeros_like(replica)]))

    if strategy.num_replicas_in_sync > 1:
        strategy.run(tf.function(shift, autograph=False))
