"""A training run: from its settings to its last checkpoint."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from deeplab_tf2.checkpoints import files
from deeplab_tf2.checkpoints.imagenet import load_imagenet
from deeplab_tf2.checkpoints.initial import load_initial
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.data.catalog import Descriptor
from deeplab_tf2.data.checking.check import check_records
from deeplab_tf2.data.pipeline import evaluation_dataset, training_dataset
from deeplab_tf2.evaluation.confusion import takeover_warning
from deeplab_tf2.evaluation.evaluate import evaluate, labeller
from deeplab_tf2.models.deeplab import DeepLab
from deeplab_tf2.training.at_steps import Echo
from deeplab_tf2.training.callbacks import Progress, Saver, Validation
from deeplab_tf2.training.learner import Learner
from deeplab_tf2.training.losses import SegmentationLoss
from deeplab_tf2.training.optimizers import make_optimizer
from deeplab_tf2.training.setup import weights_of
from deeplab_tf2.training.speed import layers_in, prepare

_FROM_SCRATCH = (
    "starting from random weights: expect many more steps and a lower mIoU than from a pretrained start; "
    "--initial_weights=imagenet (mobilenet_v2, resnet_v1_50, resnet_v1_101) or --tf_initial_checkpoint gives one"
)
_LISTED = 24


def train(config: RunConfig, descriptor: Descriptor, echo: Echo = print) -> Learner:
    """Starts a run, or continues it from its newest checkpoint.

    Args:
        config: settled settings, see `training.setup.resolved`.
        descriptor: the dataset's descriptor.
        echo: prints a line.

    Returns:
        The trained network.

    Raises:
        InputError: the records cannot be trained on, a start cannot be loaded, or the loss is no number.
    """
    folder, last = config.run.train_logdir, config.optimizer.training_number_of_steps
    _check_data(config, descriptor, echo)
    keras.utils.set_random_seed(config.data.seed)
    model = compiled(config, descriptor)
    first = _start(model, config, echo)
    os.makedirs(folder, exist_ok=True)
    config.save(folder)
    descriptor.save(folder)
    if first >= last:
        echo(f"{folder} is already at step {first} of {last}: raise --training_number_of_steps to go on")
        return model
    echo(f"training {config.model.model_variant} for steps {first} to {last}")
    if weights := weights_of(config, descriptor):
        echo(f"label weights: {_listed_weights(descriptor.class_names, weights)}")
    machine = config.machine
    dataset = training_dataset(
        config.data,
        descriptor,
        first,
        model.pad_pixel,
        parallel_reads=machine.parallel_reads,
        prefetched_batches=machine.prefetched_batches,
    )
    try:
        model.fit(
            dataset,
            steps_per_epoch=last - first,
            epochs=1,
            verbose=0,
            shuffle=False,
            callbacks=_callbacks(config, descriptor, model, echo),
        )
    except KeyboardInterrupt:
        step = int(model.optimizer.iterations)
        files.save(model, folder, step)
        echo(f"interrupted and saved at step {step}; the same command goes on from there")
        raise
    except tf.errors.InvalidArgumentError as error:
        raise InputError(f"training stopped: {_record_message(error)}") from error
    return model


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


def _listed_weights(names: Sequence[str], weights: Sequence[float]) -> str:
    pairs = [f"{name} {weight:g}" for name, weight in zip(names, weights, strict=True)]
    if len(pairs) <= _LISTED:
        return ", ".join(pairs)
    order = sorted(range(len(pairs)), key=weights.__getitem__)
    return f"from {pairs[order[0]]} to {pairs[order[-1]]}; config.json has all"


def _check_data(config: RunConfig, descriptor: Descriptor, echo: Echo) -> None:
    data = config.data
    # Resizing to range changes what the crop holds.
    crop = None if data.min_resize_value is not None else (data.train_crop_size[0], data.train_crop_size[1])
    findings = check_records(data.dataset_dir, data.train_split, descriptor, crop)
    errors = [finding.text for finding in findings if finding.error]
    if errors:
        shown = "\n  ".join(errors[:10])
        raise InputError(f"the split {config.data.train_split!r} cannot be trained on:\n  {shown}")
    for finding in findings:
        echo(f"{finding.severity.name.lower()}: {finding.text}")


def _start(model: DeepLab, config: RunConfig, echo: Echo) -> int:
    """Fills the network and returns the step to go on from."""
    folder = config.run.train_logdir
    if files.steps(folder):
        step, path = files.latest(folder)
        files.load(model, path, "the checkpoint")
        echo(f"resumed {folder} at step {step} of {config.optimizer.training_number_of_steps}")
        return step
    if config.run.tf_initial_checkpoint:
        echo(load_initial(model, config.run.tf_initial_checkpoint, _fresh_parts(config)))
    elif config.run.initial_weights:
        echo(load_imagenet(model))
    else:
        echo(_FROM_SCRATCH)
    return 0


def _fresh_parts(config: RunConfig) -> tuple[str, ...]:
    """The parts of the network that a checkpoint does not fill."""
    if config.run.initialize_last_layer:
        return ()
    return ("logits",) if config.run.last_layers_contain_logits_only else ("aspp", "decoder", "logits")


def _callbacks(config: RunConfig, descriptor: Descriptor, model: DeepLab, echo: Echo) -> list[keras.callbacks.Callback]:
    run, last = config.run, config.optimizer.training_number_of_steps
    folder = run.train_logdir
    callbacks: list[keras.callbacks.Callback] = [
        Progress(run.log_steps, last, config.data.train_batch_size, folder, echo),
        Saver(run.save_steps or last, last, folder),
    ]
    if run.validation_split:
        score = _scorer(config, descriptor, model)
        callbacks.append(Validation(run.validation_steps or last, last, score, folder, echo))
    else:
        echo("nothing is validated on the way: --validation_split names no split of the dataset")
    if run.tensorboard:
        callbacks.append(_tensorboard(folder))
    return callbacks


def _scorer(
    config: RunConfig, descriptor: Descriptor, model: DeepLab
) -> Callable[[], tuple[dict[str, float], list[str]]]:
    data = config.data
    dataset = evaluation_dataset(
        data.dataset_dir,
        config.run.validation_split,
        descriptor,
        output_stride=config.model.output_stride,
        min_resize_value=data.min_resize_value,
        max_resize_value=data.max_resize_value,
        resize_factor=data.resize_factor,
        pad_pixel=model.pad_pixel,
    )
    predict = labeller(model)

    def score() -> tuple[dict[str, float], list[str]]:
        scores = evaluate(predict, dataset, descriptor.num_classes, descriptor.ignore_label)
        warning = takeover_warning(scores, descriptor.class_names)
        values = {"mIoU": scores.miou, "pixel_accuracy": scores.pixel_accuracy}
        return values, [warning] if warning else []

    return score


def _tensorboard(folder: str) -> keras.callbacks.Callback:
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        raise InputError("--tensorboard needs the extra: pip install 'deeplab-tf2[tensorboard]'") from error
    return keras.callbacks.TensorBoard(folder, update_freq=10, write_graph=False)


def _record_message(error: tf.errors.InvalidArgumentError) -> str:
    """What the input pipeline said, without the graph around it."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    told = [line for line in lines if "record" in line or line[:1] == "[" or "has labels" in line]
    return " ".join(told[:4] or lines[:2])
