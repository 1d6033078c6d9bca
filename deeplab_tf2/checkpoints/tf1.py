"""TF1 checkpoints and frozen graphs, read variable by variable."""

from __future__ import annotations

import contextlib
import glob
import importlib.util
import os
import re
import tempfile
from collections.abc import Iterator

import numpy as np

from deeplab_tf2.checkpoints.archive import is_archive, unpack
from deeplab_tf2.checkpoints.graph_constants import open_graph
from deeplab_tf2.checkpoints.variables import Variables
from deeplab_tf2.config import InputError

FROZEN_GRAPH = "frozen_inference_graph.pb"
_FILE = re.compile(r"^(?P<prefix>.+)\.(index|meta|data-\d{5}-of-\d{5})$")
_STEP = re.compile(r"-(\d+)$")


class NoCheckpoint(InputError):
    """A path leads to no TF1 checkpoint and no frozen graph."""


@contextlib.contextmanager
def open_tf1(path: str) -> Iterator[Variables]:
    """Opens a TF1 checkpoint or a frozen graph.

    Args:
        path: a checkpoint's prefix (`model.ckpt-30000`), one of its files, a folder that holds it, a frozen graph
            ending in `.pb`, or an archive (`.tar.gz`) of either, which is unpacked for as long as it is open.

    Raises:
        InputError: there is no such thing, or it is damaged; the message says what was found.
    """
    check_tensorflow()
    with contextlib.ExitStack() as stack:
        source = path
        if is_archive(path) and os.path.isfile(path):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="deeplab_tf2_"))
            source = unpack(path, folder)
        found = locate(source)
        where = path if source != path else found
        yield open_graph(found, where) if found.endswith(".pb") else _checkpoint(found, where)


def check_tensorflow() -> None:
    """Refuses to go on where TF1 files cannot be read.

    Raises:
        InputError: TensorFlow is not installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise InputError(
            "TF1 files are read by TensorFlow, which is not installed here: pip install tensorflow, or run "
            "convert_checkpoint.py where it is and load the run"
        )


def locate(path: str) -> str:
    """The prefix of the checkpoint, or the frozen graph, that `path` means; see `open_tf1`.

    Raises:
        NoCheckpoint: there is none.
        InputError: a part of it is missing.
    """
    if os.path.isdir(path):
        return _in_folder(path)
    match = _FILE.match(path)
    prefix = match["prefix"] if match else path
    if os.path.isfile(f"{prefix}.index"):
        shards = glob.glob(f"{glob.escape(prefix)}.data-*-of-*")
        if not shards or len(shards) < int(shards[0].rpartition("-")[2]):
            raise InputError(
                f"{prefix}.index lacks its data files: {prefix}.data-00000-of-00001 must lie beside it "
                f"(found: {', '.join(map(os.path.basename, shards)) or 'none'})"
            )
        return prefix
    # Checkpoints of the first TensorFlow versions are a single file without extension.
    if not match and os.path.isfile(path):
        return path
    raise NoCheckpoint(f"there is no checkpoint {path}: {_seen(os.path.dirname(path) or '.')}")


def _in_folder(folder: str) -> str:
    import tensorflow as tf

    state = tf.train.get_checkpoint_state(folder)
    if state is not None and state.model_checkpoint_path:
        # The path that a training machine wrote may not exist here.
        prefix = os.path.join(folder, os.path.basename(state.model_checkpoint_path))
        if os.path.isfile(f"{prefix}.index"):
            return locate(prefix)
    names = sorted(os.listdir(folder))
    prefixes = [os.path.join(folder, name.removesuffix(".index")) for name in names if name.endswith(".index")]
    if prefixes:
        return locate(max(prefixes, key=_age))
    if "saved_model.pb" in names:
        raise NoCheckpoint(
            f"{folder} is a SavedModel, whose variables have other names: give what it was exported from"
        )
    graphs = [name for name in names if name.endswith(".pb")]
    if len(graphs) == 1 or FROZEN_GRAPH in graphs:
        return os.path.join(folder, FROZEN_GRAPH if FROZEN_GRAPH in graphs else graphs[0])
    raise NoCheckpoint(f"{folder} holds no TF1 checkpoint and not exactly one frozen graph: {_seen(folder)}")


def _age(prefix: str) -> tuple[int, float]:
    step = _STEP.search(prefix)
    return (int(step[1]) if step else -1), os.path.getmtime(f"{prefix}.index")


def _seen(folder: str) -> str:
    if not os.path.isdir(folder):
        return f"there is no folder {folder}"
    return f"{folder} holds {', '.join(sorted(os.listdir(folder))[:8]) or 'nothing'}"


def _checkpoint(prefix: str, where: str) -> Variables:
    import tensorflow as tf

    damage = (tf.errors.OpError, RuntimeError, ValueError, LookupError)
    try:
        reader = tf.train.load_checkpoint(prefix)
        shapes = reader.get_variable_to_shape_map()
    except damage as error:
        raise InputError(
            f"{where} is no TF1 checkpoint, or a damaged one: {_first_line(error)}; copy or download it again"
        ) from error

    def read(name: str) -> np.ndarray:
        try:
            return reader.get_tensor(name)
        except damage as error:
            raise InputError(
                f"{where} is damaged, {name} cannot be read: {_first_line(error)}; copy or download it again"
            ) from error

    return Variables(where, {name: tuple(shape) for name, shape in shapes.items()}, read)


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
