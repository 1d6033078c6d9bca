"""Batch norm by rule: which of its statistics are trained in a run, and over how many steps they average."""

from __future__ import annotations

from deeplab_tf2.checkpoints.initial import parts_of, untrained_statistics
from deeplab_tf2.config import InputError, ModelConfig, RunConfig
from deeplab_tf2.models.deeplab import HEAD_BATCH_NORM_DECAY

# Batch norm statistics average over about this share of a run, if the published decay would average over more.
_STATISTICS_SHARE = 0.1
# Official advice: batch norm statistics are worth training from about this many images.
_MANY_IMAGES = 12


def frozen_statistics(config: RunConfig) -> tuple[tuple[str, ...], str]:
    """The parts of the network whose batch norm statistics are not trained in a new run, and why.

    What a checkpoint does not fill is trained. What it fills is frozen where a step sees few images, and where nobody
    has trained the statistics: folded into the kernels, or kept frozen by the run that they come from.

    Raises:
        InputError: statistics shall be frozen that do not exist, or two flags say two things.
    """
    model, run = config.model, config.run
    seen = config.data.train_batch_size // config.machine.gradient_accumulation_steps
    are_few = seen < _MANY_IMAGES
    count = f"{seen} images at a time are {'few' if are_few else 'enough'}"
    wish = _wish(config)
    if not (run.tf_initial_checkpoint or run.initial_weights):
        if wish:
            raise InputError(
                f"--{_flag(model)} keeps the batch norm statistics of a checkpoint, but this run starts from random "
                "weights: leave the flag out, or give --tf_initial_checkpoint or --initial_weights"
            )
        return (), f"random weights have none yet; {count}"
    if wish is not None:
        return wish, f"as --{_flag(model)} says"
    filled = _filled(config)
    untrained, reason = untrained_statistics(run.tf_initial_checkpoint) if run.tf_initial_checkpoint else ((), "")
    frozen = tuple(part for part in filled if are_few or part in untrained)
    if set(frozen) & set(untrained):
        return frozen, reason
    has = "the checkpoint has them" if filled == model.batch_norm_parts else "the checkpoint has no others"
    return frozen, f"{has}; {count}"


def told(model: ModelConfig, freeze_backbone: bool = False) -> str:
    """What is trained of the batch norm statistics, in words; those of a frozen backbone never are."""
    stays = {*model.frozen_statistics, *(("backbone",) if freeze_backbone else ())}
    frozen = [part for part in model.batch_norm_parts if part in stays]
    trained = [part for part in model.batch_norm_parts if part not in stays]
    if not frozen or not trained:
        return "trained" if trained else "frozen"
    return f"frozen in {' and '.join(frozen)}, trained in {' and '.join(trained)}"


def _wish(config: RunConfig) -> tuple[str, ...] | None:
    """The parts that the user wants frozen; None for no wish."""
    tuned, frozen = config.model.fine_tune_batch_norm, config.model.frozen_batch_norm
    if tuned is not None and frozen is not None:
        raise InputError("--fine_tune_batch_norm speaks of all parts, --frozen_batch_norm of some: give one of the two")
    return None if tuned is None and frozen is None else config.model.frozen_statistics


def _flag(model: ModelConfig) -> str:
    if model.frozen_batch_norm is None:
        return f"fine_tune_batch_norm={str(model.fine_tune_batch_norm).lower()}"
    return f"frozen_batch_norm={','.join(model.frozen_batch_norm) or 'none'}"


def _filled(config: RunConfig) -> tuple[str, ...]:
    """The parts that start with statistics: those that the checkpoint has, less those that are made anew."""
    run = config.run
    has = parts_of(run.tf_initial_checkpoint) if run.tf_initial_checkpoint else {"backbone"}
    if not (run.initialize_last_layer or run.last_layers_contain_logits_only):
        has = has & {"backbone"}
    return tuple(part for part in config.model.batch_norm_parts if part in has)


def batch_norm_decay(config: RunConfig) -> float | None:
    """The decay to train with; None where the published ones are short enough for the run."""
    if config.model.batch_norm_decay is not None:
        return config.model.batch_norm_decay
    adapted = 1 - 1 / max(config.optimizer.training_number_of_steps * _STATISTICS_SHARE, 2)
    return None if adapted >= HEAD_BATCH_NORM_DECAY else adapted
