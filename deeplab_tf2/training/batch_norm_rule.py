"""Batch norm by rule: whether its statistics are trained in a run, and over how many steps they average."""

from __future__ import annotations

from deeplab_tf2.checkpoints.initial import parts_of, untrained_statistics
from deeplab_tf2.config import InputError, RunConfig
from deeplab_tf2.models.deeplab import HEAD_BATCH_NORM_DECAY

# Batch norm statistics average over about this share of a run, if the published decay would average over more.
_STATISTICS_SHARE = 0.1
# Official advice: batch norm statistics are worth training from about this many images.
_MANY_IMAGES = 12


def trains_statistics(config: RunConfig) -> tuple[bool, str]:
    """Whether batch norm statistics are trained, and why, for a new run.

    From random weights they always are. From a checkpoint that has all of them they are frozen where a step sees few
    images, and where nobody has trained them: folded into the kernels, or kept frozen by the run that they come from.

    Raises:
        InputError: they shall be frozen, but there are none.
    """
    wish, run = config.model.fine_tune_batch_norm, config.run
    seen = config.data.train_batch_size // config.machine.gradient_accumulation_steps
    few = f"{seen} images at a time are few" if seen < _MANY_IMAGES else f"{seen} images at a time are enough"
    if not (run.tf_initial_checkpoint or run.initial_weights):
        if wish is False:
            raise InputError(
                "--fine_tune_batch_norm=false keeps the batch norm statistics of a checkpoint, but this run starts "
                "from random weights: leave the flag out, or give --tf_initial_checkpoint or --initial_weights"
            )
        return True, f"random weights have none yet; {few}"
    if wish is not None:
        return wish, "as --fine_tune_batch_norm says"
    if run.tf_initial_checkpoint and (reason := untrained_statistics(run.tf_initial_checkpoint)):
        return False, reason
    if not _has_all_statistics(config):
        return True, f"the checkpoint does not have them all; {few}"
    return seen >= _MANY_IMAGES, f"the checkpoint has them all; {few}"


def _has_all_statistics(config: RunConfig) -> bool:
    """Whether every layer starts with statistics: those of a backbone leave the head without, and so do fresh parts."""
    run = config.run
    if not run.tf_initial_checkpoint or not (run.initialize_last_layer or run.last_layers_contain_logits_only):
        return False
    parts = parts_of(run.tf_initial_checkpoint)
    return bool(parts - {"backbone"}) and ("decoder" in parts or not config.model.decoder_output_stride)


def batch_norm_decay(config: RunConfig) -> float | None:
    """The decay to train with; None where the published ones are short enough for the run."""
    if config.model.batch_norm_decay is not None:
        return config.model.batch_norm_decay
    adapted = 1 - 1 / max(config.optimizer.training_number_of_steps * _STATISTICS_SHARE, 2)
    return None if adapted >= HEAD_BATCH_NORM_DECAY else adapted
