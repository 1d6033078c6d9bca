"""Export of a network as a SavedModel that TensorFlow alone loads and serves."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from deeplab_tf2 import storage
from deeplab_tf2.config import NO_RESIZING, InputError, Resizing, write_json
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.graph import (
    check_backend,
    decode_images,
    labels_and_probabilities,
    pixel_type,
)
from deeplab_tf2.inference.loading import EXTRA, RECORD, Run
from deeplab_tf2.inference.predict import describe
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.serving.instructions import readme


def export_saved_model(model: DeepLab | Run, path: str | os.PathLike[str], descriptor: Descriptor | None = None) -> str:
    """Writes a SavedModel with two signatures, whole or not at all.

    `serving_default` takes `image_bytes` string [batch], JPEG or PNG files of one size; `images` takes
    `images` uint8 [batch, height, width, 3]; where the network sees other channels, PNG files as in the records of its
    dataset, and `images` uint16 [batch, height, width, channels]. Both give `labels` int32 [batch, height, width] and
    `probabilities` float32 [batch, height, width, classes] at the size of the images, which may differ from
    call to call. The names and colours of the classes lie in `assets.extra/descriptor.json`.

    Args:
        model: the network, or a run.
        path: folder to create; TensorFlow Serving wants it to be a version number, as in `serving/1`.
        descriptor: names and colours of the classes; unset: the run's, or else "class 0", ... .

    Returns:
        `path`.

    Raises:
        InputError: `path` exists and is not an empty folder, the descriptor has other classes, or the Keras
            backend is not TensorFlow.
    """
    path = os.path.normpath(path)
    check_backend()
    check_free(path)
    network, resizing = network_of(model)
    named = describe(network, model.descriptor if descriptor is None and isinstance(model, Run) else descriptor)
    with whole_folder(path) as temporary:
        _archive(network, resizing).write_out(temporary, verbose=False)
        extra = os.path.join(temporary, EXTRA)
        os.makedirs(extra)
        named.save(extra)
        write_json(os.path.join(extra, RECORD), _record(model, network, resizing))
        with open(os.path.join(extra, "README.md"), "w", encoding="utf-8") as file:
            file.write(readme(path, named))
    return path


def network_of(model: DeepLab | Run) -> tuple[DeepLab, Resizing]:
    """The network, and how images are resized for it."""
    return (model.model, model.resizing) if isinstance(model, Run) else (model, NO_RESIZING)


def check_free(path: str) -> None:
    """Refuses to write an export over anything.

    Raises:
        InputError: `path` is there and no empty folder; the message proposes another.
    """
    if not os.path.lexists(path) or (os.path.isdir(path) and not os.listdir(path)):
        return
    parent, name = os.path.split(os.path.normpath(path))
    # TensorFlow Serving watches a folder of numbered versions and takes the highest.
    if not os.path.isdir(path) or not name.isdigit():
        advice = f"{path}_export/1"
    else:
        taken = (int(entry) for entry in os.listdir(parent or ".") if entry.isdigit())
        advice = os.path.join(parent, str(max(taken) + 1))
    found = "holds files already" if os.path.isdir(path) else "is a file"
    raise InputError(f"{path} {found}, and nothing is overwritten: export to a new folder, for example {advice}")


def _archive(network: DeepLab, resizing: Resizing) -> keras.export.ExportArchive:
    channels = network.config.input_channels

    def images(images: tf.Tensor) -> dict[str, tf.Tensor]:
        return labels_and_probabilities(network, images, resizing)

    def serving_default(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return labels_and_probabilities(network, decode_images(image_bytes, channels), resizing)

    archive = keras.export.ExportArchive()
    archive.track(network)
    encoded = tf.TensorSpec([None], tf.string, name="image_bytes")
    pixels = tf.TensorSpec([None, None, None, channels], pixel_type(channels), name="images")
    archive.add_endpoint("serving_default", serving_default, input_signature=[encoded])
    archive.add_endpoint("images", images, input_signature=[pixels])
    return archive


def _record(model: DeepLab | Run, network: DeepLab, resizing: Resizing) -> dict[str, Any]:
    record: dict[str, Any] = {"model": network.config.to_dict(), "resizing": dataclasses.asdict(resizing)}
    if isinstance(model, Run):
        record["step"] = model.step
        record["checkpoint"] = os.path.basename(model.checkpoint)
    return record


@contextlib.contextmanager
def whole_folder(path: str) -> Iterator[str]:
    """A folder beside `path` that takes its place when everything went well, and goes away otherwise."""
    parent, name = os.path.split(os.path.abspath(path))
    storage.make_folder(parent)
    temporary = os.path.join(parent, f".{name}.{os.getpid()}.tmp")
    try:
        yield temporary
        if os.path.isdir(path):
            os.rmdir(path)
        os.rename(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
