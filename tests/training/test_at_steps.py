"""Callbacks that act every so many steps."""

import types

import pytest

from deeplab_tf2.training.at_steps import AtSteps


class Noting(AtSteps):
    def __init__(self, every, last):
        super().__init__(every, last)
        self.acted = []

    def act(self, step, logs):
        self.acted.append((step, logs["loss"]))


@pytest.mark.parametrize(
    ("first", "together", "acted"),
    [(0, 1, [3, 6, 8]), (4, 1, [6, 8]), (0, 2, [4, 6, 8]), (1, 5, [6, 8])],
)
def test_acts_at_or_after_multiples_and_at_the_end(first, together, acted):
    callback = Noting(3, 8)
    callback.set_model(types.SimpleNamespace(optimizer=types.SimpleNamespace(iterations=first)))
    callback.on_train_begin()
    for batch in range(0, 8 - first, together):
        # Keras counts the last of the steps that are taken together, beyond the end too.
        callback.on_train_batch_end(batch + together - 1, {"loss": float(batch)})
    assert [step for step, _ in callback.acted] == acted
