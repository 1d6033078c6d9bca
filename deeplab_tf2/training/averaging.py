"""Moving averages of the weights: where a run has them, they are what is validated and what its files hold as weights.

The optimizer keeps the averages while it trains. In a file it is the other way round: whoever reads weights finds the
averages, and the run that goes on finds its own weights among the optimizer's variables. Batch norm statistics, which
are averages themselves, are the same in both.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from deeplab_tf2.training.at_steps import steps_taken


@contextlib.contextmanager
def averaged(model: Any) -> Iterator[None]:
    """Gives a model the averages of its weights for a while, if its optimizer keeps them."""
    exchange(model)
    try:
        yield
    finally:
        exchange(model)


def exchange(model: Any) -> None:
    """Exchanges the weights of a compiled model with their averages, bit for bit; twice is as before.

    Before the first step there are no averages: the weights become them, and stay.
    """
    optimizer = model.optimizer
    # What scales the loss in half precision wraps the optimizer.
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if not optimizer.use_ema:
        return
    # Keras has zeros, and replaces them in its first step; half precision may leave that one out, but counts it.
    has_averages = steps_taken(model) > 0
    averages = optimizer._model_variables_moving_average
    for weight, average in zip(model.trainable_variables, averages, strict=True):
        value = weight.numpy()
        if has_averages:
            weight.assign(average)
        average.assign(value)
