"""A trained network as tiles of a large image need it, and what in it sees more than a tile."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError, ModelConfig, Resizing, read_json
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.inference.graph import check_backend, labels_and_probabilities, pad_images, pixel_type
from deeplab_tf2.inference.loading import EXTRA, RECORD, Export, Run
from deeplab_tf2.inference.predict import Predictor
from deeplab_tf2.models.mobilenet_rows import VARIANTS
from deeplab_tf2.storage import join


@contextlib.contextmanager
def _plain_memory_error() -> Iterator[None]:
    """Turns what TensorFlow raises where memory is short into what Python does."""
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError(error.message) from error


class TileNetwork(Protocol):
    """What gives the probabilities of a tile."""

    @property
    def config(self) -> ModelConfig:
        """The settings of the network."""

    @property
    def descriptor(self) -> Descriptor:
        """Names and colours of the classes."""

    def probabilities(self, pixels: np.ndarray, mean: np.ndarray | None = None) -> np.ndarray:
        """Probabilities float32 [height, width, classes] of pixels [height, width, channels].

        Args:
            pixels: the tile.
            mean: float32 [channels of the encoder]: the mean of the features of the whole image; None for the tile's.
        """


class RunTiles:
    """The network of a run.

    Args:
        run: the run; its images are not resized.
    """

    def __init__(self, run: Run) -> None:
        check_backend()
        self.config, self.descriptor = run.model.config, run.descriptor
        channels = self.config.input_channels
        pixels = tf.TensorSpec([None, None, channels], pixel_type(channels))
        mean = tf.TensorSpec([None], tf.float32)

        def answer(pixels: tf.Tensor, pooled: tf.Tensor | None = None) -> tf.Tensor:
            shared = None if pooled is None else pooled[tf.newaxis, tf.newaxis, tf.newaxis]
            return labels_and_probabilities(run.model, pixels[tf.newaxis], pooled=shared)["probabilities"][0]

        def features(pixels: tf.Tensor) -> tf.Tensor:
            padded = pad_images(pixels[tf.newaxis], self.config.output_stride, run.model.pad_pixel)
            return tf.cast(run.model.endpoints(padded, training=False)["backbone"][0], tf.float32)

        self._alone = tf.function(answer, input_signature=[pixels], autograph=False)
        self._shared = tf.function(answer, input_signature=[pixels, mean], autograph=False)
        self._features = tf.function(features, input_signature=[pixels], autograph=False)

    @_plain_memory_error()
    def probabilities(self, pixels: np.ndarray, mean: np.ndarray | None = None) -> np.ndarray:
        """See `TileNetwork`."""
        return (self._alone(pixels) if mean is None else self._shared(pixels, mean)).numpy()

    @_plain_memory_error()
    def features(self, pixels: np.ndarray) -> np.ndarray:
        """What the image-level feature averages over: float32 [feature height, feature width, channels]."""
        return self._features(pixels).numpy()


class ExportTiles:
    """The network of an export, in which nothing can be shared.

    Args:
        export: the export.
        config: the settings of its network.
    """

    def __init__(self, export: Predictor, config: ModelConfig) -> None:
        self.config, self.descriptor = config, export.descriptor
        self._predict: Callable[[np.ndarray], Any] = export.predict

    @_plain_memory_error()
    def probabilities(self, pixels: np.ndarray, mean: np.ndarray | None = None) -> np.ndarray:
        """See `TileNetwork`; there is no mean."""
        return self._predict(pixels).probabilities


def tile_network(predictor: Predictor) -> TileNetwork:
    """The network of a run or of an export.

    Raises:
        InputError: it resizes images to a range, so that none is large.
    """
    if isinstance(predictor, Run):
        _refuse_resizing(predictor.resizing)
        return RunTiles(predictor)
    if not isinstance(predictor, Export):
        raise InputError(f"tiles need a run or an export; found a {type(predictor).__name__}")
    record = read_json(join(predictor.folder, EXTRA, RECORD), "an export")
    _refuse_resizing(Resizing(**record.get("resizing", {})))
    return ExportTiles(predictor, ModelConfig.from_dict(record["model"]))


def _refuse_resizing(resizing: Resizing) -> None:
    if resizing:
        wanted = json.dumps({name: value for name, value in dataclasses.asdict(resizing).items() if value is not None})
        raise InputError(
            f"the network was trained on images resized to a range ({wanted}), and sees every image so: none is "
            "large, leave tile_size out"
        )


def shares_mean(config: ModelConfig) -> bool:
    """Whether the mean of the whole image can be given to the image-level feature of a tile."""
    plain = config.dense_prediction_cell_json is None and config.image_pooling_crop_size is None
    return config.aspp_with_batch_norm and config.add_image_level_feature and plain and not config.image_pyramid


def seen_beyond(config: ModelConfig, shared: bool) -> tuple[str, ...]:
    """What in a network would see more of the image than a tile, in words.

    Args:
        config: the settings of the network.
        shared: whether the tiles share the mean of the image-level feature.
    """
    cell = config.dense_prediction_cell_json
    pools = config.add_image_level_feature if cell is None else "pyramid_pooling" in cell
    head = config.aspp_with_batch_norm and pools
    variant = VARIANTS.get(config.model_variant)
    squeezed = variant is not None and any(row.squeeze_excite for row in variant.rows)
    return (
        *("image pooling of the head",) * bool(head and not shared),
        *(f"squeeze-and-excitation in {config.model_variant}",) * squeezed,
    )
