"""How long something takes, and the rate of this machine that all else is set against."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

MATRIX_SIDE = 4096


def median_seconds(function: Callable[[], Any], repeats: int) -> float:
    """Median time of a call, after one that is not counted."""
    function()
    return statistics.median(seconds(function) for _ in range(repeats))


def seconds(function: Callable[[], Any]) -> float:
    """The time of one call."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def matrix_product() -> Callable[[], Any]:
    """What multiplies two float32 matrices of `MATRIX_SIDE`, and waits for the result."""
    import tensorflow as tf

    left = tf.random.stateless_normal([MATRIX_SIDE, MATRIX_SIDE], seed=[0, 0])
    # The sum is read, so that a device has to finish.
    return lambda: float(tf.reduce_sum(tf.linalg.matmul(left, left)[0]))


def matrix_rate(time_taken: float) -> float:
    """The rate in GFLOP/s of a `matrix_product` that took `time_taken` seconds."""
    return 2 * MATRIX_SIDE**3 / time_taken / 1e9
