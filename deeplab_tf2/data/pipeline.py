"""Records to batches.

Order and augmentation are functions of (seed, step, index), so that a run can be repeated and continued.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf

from deeplab_tf2.config import NO_RESIZING, PAD_PIXEL, DataConfig, InputError, Resizing, aligned_size
from deeplab_tf2.data import transforms
from deeplab_tf2.data.augmentation import augment
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.crops import check_crop
from deeplab_tf2.data.known import described
from deeplab_tf2.data.record_tensors import decode
from deeplab_tf2.data.records import Records
from deeplab_tf2.data.resampling import resize
from deeplab_tf2.data.sample_order import WHOLE, Share, plain, sample_order, share_of

# The fields of `DataConfig` that `make_dataset` calls otherwise, and those that act without training too.
_RENAMED = {"dataset_dir", "train_split", "train_crop_size", "train_batch_size"}
_ALWAYS = {"dataset", *(field.name for field in dataclasses.fields(Resizing))}


def make_dataset(
    folder: str,
    split: str,
    *,
    crop_size: tuple[int, int] | None = None,
    batch_size: int = 1,
    training: bool = False,
    seed: int = 0,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
    **settings: Any,
) -> tf.data.Dataset:
    """Batches of a converted dataset.

    Args:
        folder: folder with the records and their descriptor.
        split: name of the split.
        crop_size: height and width of every image; needed for training and for batches of more than one.
        batch_size: images per batch.
        training: shuffled, augmented and endless, instead of one ordered pass.
        seed: seed of order and augmentation.
        pad_pixel: what pads images by channel, the network's `pad_pixel`; it differs for the non-beta ResNets and for
            images that are standardised.
        **settings: further fields of `DataConfig`; without training those that resize, and `dataset`, alone.

    Returns:
        Dataset of (image float32 [batch, height, width, channels], label int32 [batch, height, width]).

    Raises:
        InputError: a folder, split or setting cannot be used.
    """
    config = _further(settings, training)
    descriptor = described(folder, config.dataset)
    if training:
        if crop_size is None:
            raise InputError("crop_size is not set; training needs one, for example crop_size=(513, 513)")
        config = config.replace(dataset_dir=folder, train_split=split, train_batch_size=batch_size, seed=seed)
        return training_dataset(config.replace(train_crop_size=tuple(crop_size)), descriptor, pad_pixel=pad_pixel)
    if not _labelled(descriptor, split):
        raise InputError(f"the split {split!r} has no masks, and make_dataset gives images with theirs")
    examples = evaluation_dataset(
        folder,
        split,
        descriptor,
        crop_size=crop_size,
        batch_size=batch_size,
        resizing=config.resizing,
        pad_pixel=pad_pixel,
    )
    return examples.map(lambda example: (example["image"], example["label"]))


def _further(settings: Mapping[str, Any], training: bool) -> DataConfig:
    """The further settings of `make_dataset`, none of which may be without effect."""
    legal = {field.name for field in dataclasses.fields(DataConfig)} - _RENAMED if training else _ALWAYS
    idle, names = ", ".join(sorted(set(settings) - legal)), ", ".join(sorted(legal))
    if idle:
        raise InputError(f"make_dataset has no setting {idle} with training={training}; legal are {names}")
    return DataConfig.from_dict(settings)


def training_dataset(
    config: DataConfig,
    descriptor: Descriptor,
    start_step: int = 0,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
    *,
    share: Share = WHOLE,
    parallel_reads: int | None = None,
    prefetched_batches: int | None = None,
) -> tf.data.Dataset:
    """The endless stream of training batches, from `start_step` on, padded with `pad_pixel`.

    The augmentation of a sample depends on the seed and on its place in the stream only, see `sample_order`.

    Args:
        config: batch size (over all workers), crop size and seed.
        descriptor: the dataset's descriptor.
        start_step: number of batches that came before.
        pad_pixel: what pads images by channel, the network's `pad_pixel`.
        share: what this worker reads of each batch, for its devices one after the other.
        parallel_reads: samples read and augmented at a time; None: as many as pays.
        prefetched_batches: batches made ahead; None: as many as pays.

    Returns:
        Dataset of (image float32 [batch / replicas, *crop, channels], label int32 [batch / replicas, *crop]).
    """
    if not _labelled(descriptor, config.train_split):
        raise InputError(f"the split {config.train_split!r} has no masks: it cannot be trained on")
    records, size = Records(config.dataset_dir, config.train_split), config.train_batch_size
    order = share_of(sample_order(len(records), config.seed, start_step * size), size, share)
    return (
        order.map(
            _augmented(records, config, descriptor, pad_pixel), num_parallel_calls=parallel_reads or tf.data.AUTOTUNE
        )
        .batch(size // share.replicas, drop_remainder=True)
        .prefetch(prefetched_batches or tf.data.AUTOTUNE)
    )


def _augmented(
    records: Records, config: DataConfig, descriptor: Descriptor, pad_pixel: Sequence[float]
) -> Callable[[tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]:
    """From the place of a sample in the stream and the position of its record to its image and label."""

    @plain
    def example(index: tf.Tensor, position: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        image, label, _ = decode(records.read_op(position), descriptor)
        return augment(
            image, label, index, config, descriptor.ignore_label, pad_pixel, mirrored_labels=descriptor.mirrored_labels
        )

    return example


def evaluation_dataset(
    folder: str,
    split: str,
    descriptor: Descriptor,
    *,
    output_stride: int = 16,
    crop_size: tuple[int, int] | None = None,
    batch_size: int = 1,
    resizing: Resizing = NO_RESIZING,
    pad_pixel: Sequence[float] = (PAD_PIXEL,) * 3,
    originals: bool = False,
) -> tf.data.Dataset:
    """One ordered pass over a split, each image padded at the bottom and right.

    Args:
        folder: folder with the records.
        split: name of the split.
        descriptor: the dataset's descriptor.
        output_stride: without `crop_size`, each side is padded to the next k * output_stride + 1.
        crop_size: the official padding: every image to this height and width.
        batch_size: images per batch; more than one needs `crop_size`.
        resizing: resize to range first, see `transforms.range_size`.
        pad_pixel: what pads images by channel, the network's `pad_pixel`.
        originals: whether images that are resized come as they were too: "original_image" and "original_label".

    Returns:
        Dataset of dictionaries: "image" float32 [batch, height, width, channels], "label" int32 [batch, height, width]
        (ignore label where padded; only where the split has masks), "name" string [batch], "height" and "width"
        int32 [batch] before padding.

    Raises:
        InputError: a setting cannot be used, or the images do not fit `crop_size`.
    """
    if crop_size is None and batch_size > 1:
        raise InputError(f"batch_size is {batch_size}, but images of their own size come one by one: set a crop size")
    if originals and resizing and batch_size > 1:
        raise InputError(f"batch_size is {batch_size}, but images return to sizes of their own one by one: set it to 1")
    labelled = _labelled(descriptor, split)
    if crop_size is not None and not resizing and split in descriptor.splits:
        check_crop(crop_size, descriptor.splits[split].largest_image, output_stride)
    records = Records(folder, split)

    @plain
    def example(position: tf.Tensor) -> dict[str, tf.Tensor]:
        image, label, name = decode(records.read_op(position), descriptor, labelled)
        original = {"original_image": image} | ({"original_label": label} if labelled else {})
        if resizing:
            image, label = resize(image, label, transforms.resized_size(tf.shape(label), resizing))
        height, width = tf.unstack(tf.shape(label))
        target = tf.constant(crop_size) if crop_size else aligned_size(tf.shape(label), output_stride)
        image, label = transforms.pad(image, label, target, descriptor.ignore_label, pad_pixel)
        if crop_size:
            image = tf.ensure_shape(image, [*crop_size, descriptor.input_channels])
        result = {"image": image, "name": name, "height": height, "width": width} | (
            {"label": label} if labelled else {}
        )
        return result | original if resizing and originals else result

    positions = tf.data.Dataset.range(len(records))
    return positions.map(example, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _labelled(descriptor: Descriptor, split: str) -> bool:
    return split not in descriptor.splits or descriptor.splits[split].labelled
