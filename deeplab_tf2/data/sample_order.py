"""Which sample comes when in a training, and which worker has it: a function of the seed and the place alone."""

from __future__ import annotations

import dataclasses

import tensorflow as tf

# Rewriting functions without a branch on tensors takes seconds at each start of a training.
plain = tf.autograph.experimental.do_not_convert


@dataclasses.dataclass(frozen=True)
class Share:
    """The part of every batch that one worker has; all of them, one after the other, are the batch.

    Args:
        worker: number of the worker.
        workers: number of all workers.
        replicas: number of devices over all workers, among which a batch is divided.
    """

    worker: int = 0
    workers: int = 1
    replicas: int = 1


WHOLE = Share()


def sample_order(count: int, seed: int, first: int = 0) -> tf.data.Dataset:
    """The endless stream of samples of a training, from its place `first` on: each epoch is another permutation.

    Args:
        count: number of records.
        seed: seed of the order.
        first: place in the stream to begin at.

    Returns:
        Dataset of (place in the stream, position of the record), int64 [] each.
    """

    @plain
    def epoch_order(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(tf.range(count, dtype=tf.int64), [seed, epoch])
        return tf.data.Dataset.from_tensor_slices(order)

    epochs = tf.data.Dataset.counter(first // count)
    return epochs.flat_map(epoch_order).skip(first % count).enumerate(first)


def share_of(order: tf.data.Dataset, batch_size: int, share: Share) -> tf.data.Dataset:
    """What a worker has of a stream of samples: the same slice of every `batch_size` of them."""
    if share.workers == 1:
        return order
    part = batch_size // share.workers
    return order.filter(plain(lambda place, position: place % batch_size // part == share.worker))
