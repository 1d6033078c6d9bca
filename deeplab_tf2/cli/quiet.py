"""The chatter of TensorFlow and Pillow, kept off the user's terminal."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator

from PIL import Image


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Sends the process's standard error nowhere: native libraries write to it past `sys.stderr`."""
    keep = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(keep, 2)
        os.close(keep)
        os.close(nowhere)


def quiet_tensorflow() -> None:
    """Imports TensorFlow and finds its devices without a word, unless TF_CPP_MIN_LOG_LEVEL asks for words (0 or 1)."""
    # We refuse images by their size ourselves; Pillow murmurs from half of it on.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2") in ("0", "1"):
        return
    with _silenced():
        import tensorflow as tf

        # Naming the devices is what makes the GPU libraries speak. Not the logical ones: that would settle, before a
        # training has chosen, which of them are used and that there is one machine.
        tf.config.list_physical_devices()
        # absl would let it tell of every sum over workers.
        tf.get_logger().setLevel("WARNING")
