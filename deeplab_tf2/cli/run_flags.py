"""Flags that `eval` and `vis` share, checked against the run before anything heavy is loaded."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from absl import flags

from deeplab_tf2.checkpoints import choice
from deeplab_tf2.cli import binding
from deeplab_tf2.cli.official import FIXED_EVAL, RETIRED_EVAL
from deeplab_tf2.cli.subject import Subject
from deeplab_tf2.config import Config, InputError, RunConfig, aligned_size, leaf
from deeplab_tf2.data.catalog import Descriptor, load_descriptor
from deeplab_tf2.data.known import described, split_found
from deeplab_tf2.inference.overrides import followed_overrides, shown

flags.disclaim_key_flags()

OFFICIAL = binding.Official(RETIRED_EVAL, FIXED_EVAL)


@dataclasses.dataclass(frozen=True)
class RunFlags(Config):
    """Which run, on which records."""

    checkpoint_dir: str = leaf("", "Folder of the run: its config.json and one of its checkpoints are used.")
    checkpoint: str | None = leaf(None, choice.HELP)
    dataset_dir: str | None = leaf(None, "Folder with the TFRecords and their descriptor.json; unset: the run's.")
    dataset: str | None = leaf(None, "Name of the dataset; unset: the run's or the descriptor's.")
    eval_scales: tuple[float, ...] = leaf((1.0,), "Input scales whose probabilities are averaged.")
    add_flipped_images: bool = leaf(False, "Also average over the mirror image of each scale.")
    min_resize_value: int | None = leaf(
        None, "Resize so that the short side has this many pixels; unset: as in training."
    )
    max_resize_value: int | None = leaf(None, "Cap of the long side when resizing; unset: as in training.")
    resize_factor: int | None = leaf(None, "Resized sides become a multiple of this plus one; unset: as in training.")
    watch: bool = leaf(False, "Go on with each new checkpoint of a run in training, until its last step.")
    eval_interval_secs: float = leaf(300.0, "With --watch: least seconds between the starts of two passes.")
    timeout: float | None = leaf(
        3600.0, "With --watch: seconds without a new checkpoint after which it ends; none for no limit."
    )


def find_subject(
    chosen: RunFlags,
    model: Mapping[str, Any],
    prefix: str,
    split: str,
    crop_size: tuple[int, ...] | None,
    batch_size: int,
) -> Subject:
    """Finds the run and the records and checks that they belong together.

    Args:
        chosen: the flags.
        model: the fields of `ModelConfig` that the user gave.
        prefix: what the command's own flags begin with, `eval` or `vis`.
        split: name of the split.
        crop_size: the official padding, or None.
        batch_size: images per batch.

    Raises:
        InputError: something is missing, or contradicts the run.
    """
    _check_given(chosen)
    config = RunConfig.load(chosen.checkpoint_dir)
    records, descriptor = _records(chosen, config)
    _check_classes(chosen.checkpoint_dir, records, descriptor)
    subject = Subject(
        folder=chosen.checkpoint_dir,
        checkpoint=chosen.checkpoint,
        config=config,
        overrides=followed_overrides(model, config.model, chosen.checkpoint_dir),
        records=records,
        descriptor=descriptor,
        split=split_found(descriptor, split),
        dataset_name=_dataset_name(chosen, config, descriptor),
        crop_size=_pair(f"{prefix}_crop_size", crop_size),
        batch_size=batch_size,
        resizing=config.data.resizing.overridden(chosen),
        scales=chosen.eval_scales,
        flip=chosen.add_flipped_images,
    )
    _check_batches(subject, prefix)
    return subject


def _check_given(chosen: RunFlags) -> None:
    if not chosen.eval_scales or min(chosen.eval_scales) <= 0:
        raise InputError(f"eval_scales is {shown(chosen.eval_scales)}; give numbers above 0, for example 0.5,1.0,1.5")
    if not chosen.checkpoint_dir:
        raise InputError("--checkpoint_dir is missing: give the folder of a training run (its --train_logdir)")


def _records(chosen: RunFlags, config: RunConfig) -> tuple[str, Descriptor]:
    folder = chosen.dataset_dir or config.data.dataset_dir
    try:
        return folder, described(folder, chosen.dataset or config.data.dataset)
    except InputError as error:
        if chosen.dataset_dir:
            raise
        if not folder:
            raise InputError(
                f"the run in {chosen.checkpoint_dir} was not trained here and has no records of its own: give "
                "--dataset_dir, the folder of the records"
            ) from error
        raise InputError(f"{error}. The run was trained on it; if it has moved, give --dataset_dir") from error


def _check_classes(run: str, records: str, descriptor: Descriptor) -> None:
    trained = load_descriptor(run)
    if trained.class_names != descriptor.class_names:
        raise InputError(
            f"the run in {run} knows the classes {', '.join(trained.class_names)}; "
            f"the records in {records} have {', '.join(descriptor.class_names)}: they must be the same"
        )
    if trained.input_channels != descriptor.input_channels:
        raise InputError(
            f"the run in {run} was trained on images of {trained.input_channels} channels; those in {records} have "
            f"{descriptor.input_channels}: they must be the same"
        )


def _dataset_name(chosen: RunFlags, config: RunConfig, descriptor: Descriptor) -> str:
    trained = config.data.dataset
    if chosen.dataset and trained and chosen.dataset != trained:
        raise InputError(f"--dataset={chosen.dataset} contradicts the run, which has dataset={trained}")
    return chosen.dataset or trained or descriptor.name


def _pair(name: str, size: tuple[int, ...] | None) -> tuple[int, int] | None:
    if not size:
        return None
    if len(size) == 1:
        size *= 2
    if len(size) != 2 or min(size) < 1:
        raise InputError(f"{name} is {shown(size)}; give height,width in pixels, for example --{name}=513,513")
    return size[0], size[1]


def _check_batches(subject: Subject, prefix: str) -> None:
    if subject.batch_size < 1:
        raise InputError(f"{prefix}_batch_size is {subject.batch_size}; at least 1 is needed")
    crop, resized = subject.crop_size, bool(subject.resizing)
    height, width = subject.details.largest_image
    stride = subject.output_stride
    needed = tuple(aligned_size(side, stride) for side in (height, width))
    if crop is None and subject.batch_size > 1:
        raise InputError(
            f"{prefix}_batch_size is {subject.batch_size}, but images at their own size come one by one: "
            f"give --{prefix}_crop_size too" + ("" if resized or not height else f", for example {shown(needed)}")
        )
    if crop is not None and not resized and (crop[0] < height or crop[1] < width):
        raise InputError(
            f"{prefix}_crop_size is {shown(crop)}, but the largest image of {subject.split!r} has "
            f"{height},{width} pixels (height,width): use --{prefix}_crop_size={shown(needed)}, or leave the "
            "flag out, and every image keeps its own size"
        )
