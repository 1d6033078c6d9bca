"""How steps are computed: in half precision, by XLA, or with operations that always round alike."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras
import tensorflow as tf

from deeplab_tf2.config import InputError, MachineConfig


def prepare(machine: MachineConfig, replicas: int = 1) -> None:
    """Settles what holds for the whole process, before its first network.

    Args:
        machine: settings.
        replicas: number of devices over all machines.

    Raises:
        InputError: the steps cannot be computed as asked for.
    """
    if machine.jit_compile and replicas > 1:
        raise InputError(
            f"--jit_compile with {replicas} devices: XLA cannot compile what devices share. Give --nojit_compile, "
            "or train on one device by --num_clones=1"
        )
    if machine.deterministic:
        tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def layers_in(precision: str) -> Iterator[None]:
    """Layers made within compute in `precision`: float32, mixed_bfloat16 or mixed_float16."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
