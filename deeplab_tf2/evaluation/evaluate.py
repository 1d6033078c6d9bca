"""Scores of a network on a data set: the same code for `eval.py` and for validation during training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from deeplab_tf2.config import InputError
from deeplab_tf2.evaluation.confusion import UNLABELLED, ConfusionMatrix, Scores
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.models.prediction import predict

Labeller = Callable[[Any], Any]
Answerer = Callable[[Any], dict[str, Any]]


def labeller(
    model: keras.Model, scales: Sequence[float] = (1.0,), flip: bool = False, mirrored_labels: Sequence[int] = ()
) -> Labeller:
    """A function from images to labels that is traced once for all image sizes and follows the weights.

    Args:
        model: a `DeepLab`, or another model that gives logits [batch, height, width, classes].
        scales: input scales of a `DeepLab` whose probabilities are averaged.
        flip: whether mirror images are averaged too.
        mirrored_labels: what each class becomes in a mirror image; empty: itself.

    Returns:
        A function from images, float32 [batch, height, width, channels], to labels, int32 [batch, height, width].
    """

    @_traced_once(model)
    def labels_of(images: tf.Tensor) -> tf.Tensor:
        return _predicted(model, images, scales, flip, mirrored_labels)["labels"]

    return labels_of


def answerer(
    model: keras.Model,
    scales: Sequence[float] = (1.0,),
    flip: bool = False,
    mirrored_labels: Sequence[int] = (),
    probabilities: bool = False,
) -> Answerer:
    """As `labeller`, with how sure the network is, for `visualise.examples`.

    Args:
        model: as for `labeller`.
        scales: as for `labeller`.
        flip: as for `labeller`.
        mirrored_labels: as for `labeller`.
        probabilities: whether those of all classes come too.

    Returns:
        A function from images, float32 [batch, height, width, channels], to "labels", int32 [batch, height, width],
        "confidence", their probability, float32 [batch, height, width], and on request "probabilities", float32
        [batch, height, width, classes].
    """

    @_traced_once(model)
    def answers(images: tf.Tensor) -> dict[str, tf.Tensor]:
        found = _predicted(model, images, scales, flip, mirrored_labels)
        confidence = tf.gather(found["probabilities"], found["labels"], axis=-1, batch_dims=3)
        return {"labels": found["labels"], "confidence": confidence} | (found if probabilities else {})

    return answers


def _traced_once(model: keras.Model) -> Callable[[Labeller], Labeller]:
    channels = model.config.input_channels if isinstance(model, DeepLab) else 3
    images = tf.TensorSpec((None, None, None, channels), tf.float32)
    return tf.function(input_signature=[images], autograph=False)


def _predicted(model: keras.Model, images: tf.Tensor, *averaged: Any) -> dict[str, tf.Tensor]:
    if isinstance(model, DeepLab):
        return predict(model, images, *averaged)
    logits = model(images, training=False)
    return {"labels": tf.argmax(logits, axis=-1, output_type=tf.int32), "probabilities": tf.nn.softmax(logits)}


def evaluate(
    predict: keras.Model | Labeller,
    dataset: Iterable[Any],
    num_classes: int,
    ignore_label: int | None,
    progress: Callable[[int], object] | None = None,
) -> Scores:
    """Scores a network on every valid pixel of a data set.

    Args:
        predict: a model that gives logits, or its `labeller`, which a caller that evaluates repeatedly keeps
            to save the tracing.
        dataset: batches {"image": float32 [batch, height, width, channels], "label": int [batch, height, width]}, or
            pairs of the two; padding carries the ignore label. Sizes may differ between batches.
        num_classes: number of classes.
        ignore_label: true label whose pixels do not count.
        progress: is called after each batch with its number of images.

    Raises:
        InputError: there are no labels, or a label is no class.
    """
    predict = labeller(predict) if isinstance(predict, keras.Model) else predict
    counted = ConfusionMatrix(num_classes, ignore_label)
    for batch in dataset:
        images, labels = _image_and_label(batch)
        counted.update(np.asarray(labels), np.asarray(predict(tf.cast(images, tf.float32))))
        if progress is not None:
            progress(len(labels))
    return counted.scores()


def _image_and_label(batch: Any) -> tuple[Any, Any]:
    if not isinstance(batch, dict):
        images, labels = batch
        return images, labels
    if "label" not in batch:
        raise InputError(UNLABELLED)
    return batch["image"], batch["label"]
