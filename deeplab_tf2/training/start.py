"""How a run begins: its data looked at, its network made, filled and compiled, its batches in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from deeplab_tf2.checkpoints import files
from deeplab_tf2.checkpoints.imagenet import load_imagenet
from deeplab_tf2.checkpoints.initial import load_initial
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.check import Finding, check_records, check_scored
from deeplab_tf2.data.pipeline import training_dataset
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.cluster import Echo
from deeplab_tf2.training.distribution import check_batch, distributed, synchronise
from deeplab_tf2.training.learner import Learner
from deeplab_tf2.training.losses import SegmentationLoss
from deeplab_tf2.training.optimizers import make_optimizer
from deeplab_tf2.training.resuming import resume
from deeplab_tf2.training.setup import weights_of
from deeplab_tf2.training.speed import layers_in, prepare

_FROM_SCRATCH = (
    "starting from random weights: expect many more steps and a lower mIoU than from a pretrained start; "
    "--initial_weights=imagenet (mobilenet_v2, resnet_v1_50, resnet_v1_101) or --tf_initial_checkpoint gives one"
)


def started(
    config: RunConfig, descriptor: Descriptor, strategy: tf.distribute.Strategy, echo: Echo
) -> tuple[Learner, int, dict[str, Any]]:
    """The network that a run begins with, the step it begins at, and what callbacks carry over to it.

    Args:
        config: settled settings.
        descriptor: the dataset's descriptor.
        strategy: how steps are spread.
        echo: prints a line.

    Raises:
        InputError: the records cannot be trained on, or a start cannot be loaded.
    """
    devices = strategy.num_replicas_in_sync
    check_batch(config.data.train_batch_size, devices, config.machine.gradient_accumulation_steps)
    _check_data(config, descriptor, echo)
    keras.utils.set_random_seed(config.data.seed)
    with strategy.scope():
        model = compiled(config, descriptor)
    if devices > 1:
        synchronise(model)
    return model, *_start(model, config, echo)


def _check_data(config: RunConfig, descriptor: Descriptor, echo: Echo) -> None:
    data = config.data
    # Resizing to range changes what the crop holds.
    crop = None if data.resizing else (data.train_crop_size[0], data.train_crop_size[1])
    findings = check_records(data.dataset_dir, data.train_split, descriptor, crop)
    _refuse(findings, f"the split {data.train_split!r} cannot be trained on")
    for finding in findings:
        echo(f"{finding.severity.name.lower()}: {finding.text}")
    if split := config.run.validation_split:
        unfit = f"the split {split!r} cannot be validated on; --validation_split=none leaves that out"
        _refuse(check_scored(data.dataset_dir, split, descriptor), unfit)


def _refuse(findings: Sequence[Finding], what: str) -> None:
    errors = [finding.text for finding in findings if finding.error]
    if errors:
        shown = "\n  ".join(errors[:10])
        raise InputError(f"{what}:\n  {shown}")


def _start(model: DeepLab, config: RunConfig, echo: Echo) -> tuple[int, dict[str, Any]]:
    """Fills the network and returns the step to go on from, and what callbacks carry over to it."""
    folder = config.run.train_logdir
    if files.steps(folder):
        step, state = resume(model, folder, echo)
        echo(f"resumed {folder} at step {step} of {config.optimizer.training_number_of_steps}")
        return step, state
    if config.run.tf_initial_checkpoint:
        echo(load_initial(model, config.run.tf_initial_checkpoint, _fresh_parts(config)))
    elif config.run.initial_weights:
        echo(load_imagenet(model))
    else:
        echo(_FROM_SCRATCH)
    return 0, {}


def _fresh_parts(config: RunConfig) -> tuple[str, ...]:
    """The parts of the network that a checkpoint does not fill."""
    if config.run.initialize_last_layer:
        return ()
    return ("logits",) if config.run.last_layers_contain_logits_only else ("aspp", "decoder", "logits")


def compiled(config: RunConfig, descriptor: Descriptor) -> Learner:
    """The network of a run with its loss and optimizer, ready for `fit`."""
    optimizer, machine = config.optimizer, config.machine
    prepare(machine, tf.distribute.get_strategy().num_replicas_in_sync)
    with layers_in(machine.precision):
        model = Learner(
            config.model,
            upsample_logits=config.loss.upsample_logits,
            parts=machine.gradient_accumulation_steps,
        )
    model.total_steps = optimizer.training_number_of_steps
    model.backbone.trainable = not optimizer.freeze_backbone
    model.compile(
        make_optimizer(config, model),
        loss=_loss(config, descriptor),
        jit_compile=machine.jit_compile,
        steps_per_execution=machine.steps_per_execution,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def _loss(config: RunConfig, descriptor: Descriptor) -> SegmentationLoss:
    terms = config.loss.to_dict()
    del terms["label_weights"], terms["upsample_logits"]
    return SegmentationLoss(descriptor.ignore_label, weights_of(config, descriptor), **terms)


def batches(
    config: RunConfig, descriptor: Descriptor, model: Learner, strategy: tf.distribute.Strategy, first: int
) -> Any:
    """The training batches of a run from step `first` on, each device's share for itself."""
    return distributed(
        strategy,
        lambda share: training_dataset(
            config.data,
            descriptor,
            first,
            model.pad_pixel,
            share=share,
            parallel_reads=config.machine.parallel_reads,
            prefetched_batches=config.machine.prefetched_batches,
        ),
    )
