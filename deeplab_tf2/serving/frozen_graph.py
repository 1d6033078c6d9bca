"""The frozen graph of the official export: one file, `ImageTensor:0` in, `SemanticPredictions:0` out."""

from __future__ import annotations

import os

import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from deeplab_tf2 import storage
from deeplab_tf2.config import InputError
from deeplab_tf2.inference.graph import check_backend, labels_and_probabilities, pixel_type
from deeplab_tf2.inference.loading import Run
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.serving.saved_model import network_of

INPUT = "ImageTensor"
LABELS = "SemanticPredictions"
PROBABILITIES = "SemanticProbabilities"


def export_frozen_graph(model: DeepLab | Run, path: str | os.PathLike[str]) -> str:
    """Writes a GraphDef with its weights as constants, whole or not at all.

    `ImageTensor:0` is uint8 [1, height, width, 3] of any size, or uint16 [1, height, width, channels] where the network
    sees other channels; `SemanticPredictions:0` is int32 [1, height,
    width] and `SemanticProbabilities:0` float32 [1, height, width, classes], both at the size of the image.

    Args:
        model: the network, or a run.
        path: file to create, usually ending in `.pb`.

    Returns:
        `path`.

    Raises:
        InputError: `path` exists, or the Keras backend is not TensorFlow.
    """
    path = os.path.normpath(path)
    check_backend()
    check_absent(path)
    data = frozen_graph(model).SerializeToString()
    storage.make_folder(os.path.dirname(os.path.abspath(path)))
    return storage.write_whole(path, data)


def check_absent(path: str) -> None:
    """Refuses to write a frozen graph over anything.

    Raises:
        InputError: `path` is there.
    """
    if os.path.lexists(path):
        raise InputError(f"{path} exists, and nothing is overwritten: give another file name")


def frozen_graph(model: DeepLab | Run) -> tf.compat.v1.GraphDef:
    """The graph that `export_frozen_graph` writes."""
    network, resizing = network_of(model)

    channels = network.config.input_channels
    pixels = tf.TensorSpec([1, None, None, channels], pixel_type(channels), name=INPUT)

    @tf.function(input_signature=[pixels], autograph=False)
    def graph(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        outputs = labels_and_probabilities(network, images, resizing)
        return (
            tf.identity(outputs["labels"], name=LABELS),
            tf.identity(outputs["probabilities"], name=PROBABILITIES),
        )

    return convert_variables_to_constants_v2(graph.get_concrete_function()).graph.as_graph_def()
