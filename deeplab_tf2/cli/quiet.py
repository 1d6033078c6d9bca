"""The chatter of TensorFlow and Pillow, kept off the user's terminal."""

from __future__ import annotations

import contextlib
import importlib.abc
import importlib.machinery
import os
import sys
import warnings
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

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
    """Lets TensorFlow be imported and find its devices without a word, unless TF_CPP_MIN_LOG_LEVEL asks for words.

    It asks with 0 or 1. Nothing is imported here: mistakes are told, and commands without a network end, before.
    """
    # We refuse images by their size ourselves; Pillow murmurs from half of it on.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2") in ("0", "1"):
        return
    if "tensorflow" in sys.modules:
        with _silenced():
            _start(sys.modules["tensorflow"])
    else:
        sys.meta_path.insert(0, _QuietImport())


class _QuietImport(importlib.abc.MetaPathFinder):
    """Finds TensorFlow where Python finds it, and starts it in silence."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != "tensorflow":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            begin = spec.loader.exec_module

            def in_silence(module: ModuleType) -> None:
                sys.meta_path.remove(self)
                with _silenced():
                    begin(module)
                    _start(module)

            # Its own loader stays, which others may ask for its files.
            spec.loader.exec_module = in_silence  # type: ignore[method-assign]
        return spec


def _start(tensorflow: Any) -> None:
    # Naming the devices is what makes the GPU libraries speak. Not the logical ones: that would settle, before a
    # training has chosen, which of them are used and that there is one machine.
    tensorflow.config.list_physical_devices()
    # absl would let it tell of every sum over workers.
    tensorflow.get_logger().setLevel("WARNING")
