"""Averages of weights, and their places in a model and its optimizer."""

import keras
import numpy as np
import pytest

from deeplab_tf2.training.averaging import averaged, exchange


def trained(steps, optimizer, ema=0.75):
    """A model of one weight that moves by -1 a step."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    optimizer = optimizer(0.5, use_ema=ema is not None, ema_momentum=ema or 0.99)
    model.compile(optimizer)
    model.optimizer.build(model.trainable_variables)
    for _ in range(steps):
        model.optimizer.apply([np.full((1, 1), 2, np.float32)])
    return model


def weight(model):
    return float(model.get_weights()[0][0, 0])


def test_averages_stand_in_for_weights_and_go_back():
    model = trained(3, keras.optimizers.SGD)
    # 0, -1, -2: the first is where the average begins.
    expected = 0.75 * (0.75 * 0 + 0.25 * -1) + 0.25 * -2
    before = [variable.numpy() for variable in model.optimizer.variables]
    with averaged(model):
        assert weight(model) == expected
    assert weight(model) == -2
    for variable, value in zip(model.optimizer.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_an_error_while_they_stand_in_brings_the_weights_back():
    model = trained(2, keras.optimizers.SGD)
    with pytest.raises(KeyError), averaged(model):
        raise KeyError
    assert weight(model) == -1


def test_exchanging_is_exact_and_undoes_itself():
    model = trained(5, keras.optimizers.Adam)
    before = [variable.numpy() for variable in (*model.variables, *model.optimizer.variables)]
    exchange(model)
    assert weight(model) != before[0]
    exchange(model)
    for variable, value in zip((*model.variables, *model.optimizer.variables), before, strict=True):
        np.testing.assert_array_equal(variable, value)


@pytest.mark.parametrize(("steps", "ema"), [(0, 0.75), (2, None)])
def test_without_averages_the_weights_stay(steps, ema):
    model = trained(steps, keras.optimizers.SGD, ema)
    exchange(model)
    assert weight(model) == 1 - steps


def test_averages_begin_at_the_weights_where_the_first_step_is_left_out():
    model = trained(0, keras.optimizers.SGD)
    exchange(model)
    # What half precision makes of a step whose gradients are too large.
    model.optimizer.iterations.assign(1)
    with averaged(model):
        assert weight(model) == 1
    model.optimizer.apply([np.full((1, 1), 2, np.float32)])
    with averaged(model):
        assert weight(model) == 0.75 * 1 + 0.25 * 0


def test_the_wrapper_of_half_precision_hides_nothing():
    model = trained(
        3, lambda *args, **options: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(*args, **options))
    )
    with averaged(model):
        assert weight(model) != -2
