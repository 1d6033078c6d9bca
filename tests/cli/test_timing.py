"""Times and rates of the benchmarks."""

import time

import pytest
import tensorflow as tf
from tensorflow.python.framework import config as framework

from deeplab_tf2.cli import timing


@pytest.fixture
def wait(monkeypatch):
    """Lets a clock of its own go on by some seconds."""
    now = [5.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return lambda seconds: now.append(now.pop() + seconds)


def test_median_leaves_out_the_first_call(wait):
    seconds = iter([9.0, 3.0, 1.0, 2.0])
    assert timing.median_seconds(lambda: wait(next(seconds)), 3) == 2


def test_the_time_of_a_call_is_measured(wait):
    assert timing.seconds(lambda: wait(4.0)) == 4


def test_the_rate_is_that_of_the_matrix_product(monkeypatch):
    assert timing.matrix_rate(1.0) == 2 * 4096**3 / 1e9
    monkeypatch.setattr(timing, "MATRIX_SIDE", 64)
    assert abs(timing.matrix_product()()) < 64 * 64 * 5


def test_deterministic_operations_need_no_seed(monkeypatch):
    monkeypatch.setattr(timing, "MATRIX_SIDE", 4)
    try:
        tf.config.experimental.enable_op_determinism()
        first = timing.matrix_product()()
    finally:
        framework.disable_op_determinism()
    assert first == timing.matrix_product()()
