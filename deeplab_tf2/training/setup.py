"""From what the user asked for to the settings of a run: pure functions, decided before anything is built."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from deeplab_tf2.config import InputError, MachineConfig, RunConfig, RunOptions
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.label_weights import settled_weights
from deeplab_tf2.training.batch_norm_rule import batch_norm_decay, frozen_statistics, told
from deeplab_tf2.training.channels import channel_settings
from deeplab_tf2.training.cluster import Echo, say

# Settings that may change when a run is continued: they do not touch what has been learned.
CONTINUABLE = frozenset(
    ("train_logdir", "dataset_dir", "training_number_of_steps", "log_steps", "save_steps", "validation_steps")
    + ("validation_split", "keep", "early_stopping", "tensorboard", "save_summaries_images")
    # Half precision rounds otherwise, and float16 has a state of its own to be saved.
    + tuple(field.name for field in dataclasses.fields(MachineConfig) if field.name != "precision")
)
_VALIDATIONS = 10


def continued(
    stored: RunConfig, given: Mapping[str, Mapping[str, Any]], kept: Descriptor, descriptor: Descriptor
) -> RunConfig:
    """The settings of a run that is continued.

    Args:
        stored: the run's own settings.
        given: what the user typed: section ("model", "data", ...) -> field -> value.
        kept: the descriptor that the run keeps.
        descriptor: that of the dataset, as it now is.

    Raises:
        InputError: a typed value contradicts the run, and both values are named; or the dataset has no such split to
            validate on.
    """
    changes = {}
    for section, values in given.items():
        config = getattr(stored, section)
        for name, value in _numbers(values, stored, kept).items():
            if name not in CONTINUABLE and getattr(config.replace(**{name: value}), name) != getattr(config, name):
                typed = _typed(given[section][name])
                raise InputError(
                    f"--{name}={typed} contradicts the run in {stored.run.train_logdir}, which has "
                    f"{name}={_typed(getattr(config, name))}: leave the flag out to continue the run, or choose "
                    "another --train_logdir to start a new one"
                )
        allowed = {name: value for name, value in values.items() if name in CONTINUABLE}
        changes[section] = config.replace(**allowed)
    config = stored.replace(**changes)
    return config.replace(run=_occasions(config, descriptor))


def _numbers(values: Mapping[str, Any], stored: RunConfig, descriptor: Descriptor) -> dict[str, Any]:
    """The typed values, with a way to make label weights replaced by the weights, as the run has them."""
    weights = values.get("label_weights")
    if not isinstance(weights, str):
        return dict(values)
    return {**values, "label_weights": settled_weights(descriptor, stored.data.train_split, weights)}


def _typed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def resolved(
    config: RunConfig,
    descriptor: Descriptor,
    given_classes: int | None = None,
    given_channels: int | None = None,
    echo: Echo = say,
) -> RunConfig:
    """Settles what follows from the dataset and from other settings, for a new run.

    Number of classes, channels and how they are distributed: the descriptor's. Batch norm: `batch_norm_rule`; the
    choice is told. Label weights: the numbers, where a way to make them was asked for.

    Raises:
        InputError: settings contradict the dataset or each other.
    """
    _check_dataset(config, descriptor, given_classes)
    weights = weights_of(config, descriptor)
    frozen, reason = frozen_statistics(config)
    model = config.model.replace(
        num_classes=descriptor.num_classes,
        **channel_settings(config.model, descriptor, config.data.train_split, given_channels),
        fine_tune_batch_norm=set(frozen) < set(config.model.batch_norm_parts),
        frozen_batch_norm=frozen,
        batch_norm_decay=batch_norm_decay(config),
    )
    echo(f"batch norm statistics are {told(model, config.optimizer.freeze_backbone)}: {reason}")
    loss = config.loss.replace(label_weights=weights)
    return dataclasses.replace(config, model=model, loss=loss, run=_occasions(config, descriptor))


def _check_dataset(config: RunConfig, descriptor: Descriptor, given_classes: int | None) -> None:
    """Refuses settings that speak of another dataset."""
    if given_classes not in (None, descriptor.num_classes):
        raise InputError(
            f"--num_classes={given_classes} contradicts the dataset {descriptor.name!r}, which has "
            f"{descriptor.num_classes} classes ({', '.join(descriptor.class_names[:12])}); the ignore label "
            f"{descriptor.ignore_label} is not a class. Leave the flag out"
        )
    if config.data.dataset not in (None, descriptor.name):
        raise InputError(
            f"--dataset={config.data.dataset} contradicts {config.data.dataset_dir}, which holds {descriptor.name!r}"
        )


def _occasions(config: RunConfig, descriptor: Descriptor) -> RunOptions:
    """When, and on what, a run is validated and saved: as it was asked for, or as follows from other settings."""
    run = config.run
    steps = run.validation_steps or max(config.optimizer.training_number_of_steps // _VALIDATIONS, 1)
    run = run.replace(validation_steps=steps, save_steps=run.save_steps or steps)
    if run.validation_split in descriptor.splits:
        return run
    if run.validation_split not in ("", RunOptions().validation_split):
        raise InputError(
            f"--validation_split={run.validation_split}: the dataset has {', '.join(descriptor.splits)}; 'none' "
            "validates on nothing"
        )
    return run.replace(validation_split="")


def weights_of(config: RunConfig, descriptor: Descriptor) -> tuple[float, ...] | None:
    """The loss weights of the classes; None for 1.

    Raises:
        InputError: they are not one per class, or cannot be made from the descriptor.
    """
    weights = config.loss.label_weights
    if isinstance(weights, str):
        return settled_weights(descriptor, config.data.train_split, weights)
    if weights is not None and len(weights) != descriptor.num_classes:
        raise InputError(
            f"{len(weights)} label_weights for {descriptor.num_classes} classes: give one per class, or "
            "--label_weights=auto"
        )
    return weights
