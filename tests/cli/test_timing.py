"""Times and rates of the benchmarks."""

import time

import tensorflow as tf
from tensorflow.python.framework import config as framework

from deeplab_tf2.cli import timing


def test_median_leaves_out_the_first_call():
    seconds = iter([0.2, 0.0, 0.0, 0.0])
    assert timing.median_seconds(lambda: time.sleep(next(seconds)), 3) < 0.1


def test_the_time_of_a_call_is_measured():
    assert 0.02 <= timing.seconds(lambda: time.sleep(0.02)) < 1


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
